import { type DocumentNode, Kind, visit } from 'graphql'
import { GatewayError } from '../model/errors.ts'
import { measureDocument } from './document-shape.ts'

/**
 * Limits on a document, checked before it is validated: validation itself costs time that grows with them. The number
 * of tokens is bounded earlier still, by the parser.
 */
export interface DocumentLimits {
  /** Most tokens in a document. */
  readonly maxTokens: number
  /** Most characters of a document. */
  readonly maxLength: number
  /** Most levels of fields below each other, through fragments too. */
  readonly maxDepth: number
  /** Most aliases in a document. */
  readonly maxAliases: number
  /** Most fields at the root of an operation, through fragments too. */
  readonly maxRootFields: number
  /** Most directives in a document. */
  readonly maxDirectives: number
}

/** Throws `DOCUMENT_LIMIT` with the limit that the document, parsed from `source`, exceeds. */
export function assertWithinLimits(source: string, document: DocumentNode, limits: DocumentLimits): void {
  refuseAbove('characters', source.length, limits.maxLength)
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
  const shape = measureDocument(document)
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
