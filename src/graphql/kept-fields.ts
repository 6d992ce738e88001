import type { Declarations, FieldDeclaration } from '../operations/declarations.ts'

/** The fields whose records are kept, read from the SDL. Called by the field cache and by what shares it. */

export type KeptField = FieldDeclaration & { readonly maxAgeSeconds: number }

/** Every field that reads a system and declares a `@cacheControl` of more than no time. */
export function keptFields(declarations: Declarations): readonly KeptField[] {
  return [...declarations.values()].filter(isKept)
}

function isKept(declaration: FieldDeclaration): declaration is KeptField {
  const { system, maxAgeSeconds } = declaration
  return system !== null && maxAgeSeconds !== null && maxAgeSeconds > 0
}
