import type { ExecutionResult } from 'graphql'
import { readEvents } from '../page/live/event-stream.ts'

/** Asks the gateway on behalf of GraphiQL: queries by POST, subscriptions as server-sent events. */

export interface Asked {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
}

export async function askQuery(asked: Asked, token: string): Promise<ExecutionResult> {
  const response = await post('/graphql', asked, token, 'application/graphql-response+json, application/json')
  return (await response.json()) as ExecutionResult
}

/** The answers of a subscription, until it ends or nobody wants more. */
export async function* askSubscription(asked: Asked, token: string): AsyncGenerator<ExecutionResult> {
  const response = await post('/graphql/stream', asked, token, 'text/event-stream')
  if (!response.ok || response.body === null) {
    yield (await response.json()) as ExecutionResult
    return
  }
  for await (const { name, data } of readEvents(response.body, () => {})) {
    if (name === 'complete') return
    if (name === 'next') yield JSON.parse(data) as ExecutionResult
  }
}

function post(
  path: string,
  { query, operationName, variables }: Asked,
  token: string,
  accept: string,
): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, ...(operationName && { operationName }), ...(variables ? { variables } : {}) }),
  })
}
