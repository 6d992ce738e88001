import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode, visit } from 'graphql'
import { GatewayError } from '../model/errors.ts'

/**
 * Limits on a document, checked before it is validated: validation itself costs time that grows with them. The number
 * of tokens is bounded earlier still, by the parser.
 */
export interface DocumentLimits {
  /** Most tokens in a document. */
  readonly maxTokens: number
  /** Most levels of fields below each other, through fragments too. */
  readonly maxDepth: number
  /** Most aliases in a document. */
  readonly maxAliases: number
  /** Most fields at the root of an operation, through fragments too. */
  readonly maxRootFields: number
  /** Most directives in a document. */
  readonly maxDirectives: number
}

/** Throws `DOCUMENT_LIMIT` with the limit that the document exceeds. */
export function assertWithinLimits(document: DocumentNode, limits: DocumentLimits): void {
  let aliases = 0
  let directives = 0
  visit(document, {
    Field: node => {
      if (node.alias) aliases++
    },
    Directive: () => {
      directives++
    },
  })
  refuseAbove('aliases', aliases, limits.maxAliases)
  refuseAbove('directives', directives, limits.maxDirectives)
  const shape = createShape(document)
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    refuseAbove('levels of fields', shape.depth(definition.selectionSet), limits.maxDepth)
    refuseAbove('fields at the root', shape.width(definition.selectionSet), limits.maxRootFields)
  }
}

function refuseAbove(what: string, found: number, limit: number): void {
  if (found <= limit) return
  throw new GatewayError('DOCUMENT_LIMIT', `The document has ${found} ${what}; at most ${limit} are allowed.`, {
    details: { limit, found },
  })
}

/** Measures through fragments, each fragment once. A fragment inside itself counts as nothing: validation refuses it. */
function createShape(document: DocumentNode) {
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
  const width = measure(
    sizes => sizes.reduce((sum, size) => sum + size, 0),
    () => 1,
  )
  return { depth, width }
}
