import type { Declarations, FieldDeclaration } from '../operations/declarations.ts'

/** The fields whose values are kept, read from the SDL. Called by the field cache, by both of its stores, and by what shares it. */

export type KeptField = FieldDeclaration & { readonly maxAgeSeconds: number }

/** Every field that reads a system and declares a `@cacheControl` of more than no time. */
export function keptFields(declarations: Declarations): readonly KeptField[] {
  return [...declarations.values()].filter(isKept)
}

function isKept(declaration: FieldDeclaration): declaration is KeptField {
  const { system, maxAgeSeconds } = declaration
  return system !== null && maxAgeSeconds !== null && maxAgeSeconds > 0
}

/** Whether the client says how many records the field gives. */
export function isPaged({ listSize }: FieldDeclaration): boolean {
  return listSize !== null && listSize.slicingArguments.length > 0
}

/** Whether it stands below the root and gives what belongs to one record: an answer may have thousands of them. */
export function isOfRecord(declaration: FieldDeclaration): boolean {
  return !declaration.coordinate.startsWith('Query.') && !isPaged(declaration)
}
