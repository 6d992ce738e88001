import { Kind, type OperationDefinitionNode, parse } from 'graphql'
import type { Asked } from './fetcher.ts'

/**
 * What a document that is sent is meant to do. GraphiQL learns which operations a tab has a moment after the tab was
 * chosen, and names one of the tab before to who is quicker: of a document with a single operation, that one is meant.
 */
export function meant(asked: Asked): { readonly asked: Asked; readonly isSubscription: boolean } {
  const operations = operationsOf(asked.query)
  const named = operations.find(({ name }) => name?.value === asked.operationName)
  const [only, ...others] = operations
  const operation = named ?? (others.length === 0 ? only : undefined)
  const isSubscription = operation?.operation === 'subscription'
  return operation === undefined || named !== undefined
    ? { asked, isSubscription }
    : { asked: { ...asked, operationName: operation.name?.value ?? null }, isSubscription }
}

/** None where the text is no document, which the gateway then says. */
function operationsOf(query: string): readonly OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
  } catch {
    return []
  }
}
