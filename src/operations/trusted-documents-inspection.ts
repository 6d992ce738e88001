import { type DocumentNode, Kind, OperationTypeNode, parse } from 'graphql'
import { GatewayError } from '../model/errors.ts'
import { createPlan, type PlanOptions } from './plan.ts'
import { documentIdOf } from './planner.ts'

/**
 * Whether a document could be asked at all: it parses within the limits, fits the schema, and each of its operations can be
 * planned. Called for each document of a manifest. Plans are made and thrown away; who keeps them asks the planner.
 */

/** The names of its operations, null for one without; throws what asking it would be refused with. */
export function inspectDocument(options: PlanOptions, source: string): readonly (string | null)[] {
  const document: DocumentNode = parse(source, { maxTokens: options.limits.maxTokens })
  const documentId = documentIdOf(source)
  const operations = document.definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
  if (operations.length === 0) throw new GatewayError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation.')
  return operations.map(({ name, operation }) => {
    const kind = operation === OperationTypeNode.SUBSCRIPTION ? 'subscription' : 'query'
    createPlan(options, { source, document, operationName: name?.value }, documentId, kind)
    return name?.value ?? null
  })
}
