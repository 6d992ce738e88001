import { BREAK, type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode, visit } from 'graphql'

/**
 * How deep, wide and large the operations of a document are, through fragments. Called for its limits and its plan. Each
 * fragment is measured once, and one inside itself counts as nothing: validation refuses it.
 */
export interface DocumentShape {
  /** Levels of fields below each other. */
  depth(set: SelectionSetNode): number
  /** Fields side by side. */
  width(set: SelectionSetNode): number
  /** All fields, with each fragment written out wherever it is spread; infinite where they double too often. */
  size(set: SelectionSetNode): number
}

export function measureDocument(document: DocumentNode): DocumentShape {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const measure = (
    combine: (sizes: readonly number[]) => number,
    field: (below: SelectionSetNode | undefined) => number,
  ) => {
    const known = new Map<string, number>()
    const ofSet = (set: SelectionSetNode | undefined): number =>
      combine(
        (set?.selections ?? []).map(selection => {
          if (selection.kind === Kind.FIELD) return field(selection.selectionSet)
          if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet)
          const name = selection.name.value
          if (!known.has(name)) {
            known.set(name, 0)
            known.set(name, ofSet(fragments.get(name)?.selectionSet))
          }
          return known.get(name) ?? 0
        }),
      )
    return ofSet
  }
  const depth: (set: SelectionSetNode | undefined) => number = measure(
    sizes => Math.max(0, ...sizes),
    below => 1 + depth(below),
  )
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
  const width = measure(sum, () => 1)
  const size: (set: SelectionSetNode | undefined) => number = measure(sum, below => 1 + size(below))
  return { depth, width, size }
}

/** Whether anything in a document stands under `@include` or `@skip`, the only directives that an operation may have. */
export function hasConditions(document: DocumentNode): boolean {
  let found = false
  visit(document, {
    Directive() {
      found = true
      return BREAK
    },
  })
  return found
}
