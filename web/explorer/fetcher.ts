import type { ExecutionResult } from 'graphql'
import { readEvents } from '../page/live/event-stream.ts'

/** Asks the gateway on behalf of GraphiQL: queries by POST, subscriptions as server-sent events. */

export interface Asked {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
}

/** Who asks, until when: `leaving` aborts whatever is under way. */
export interface Asker {
  readonly token: string
  readonly leaving: AbortSignal
}

export async function askQuery(asked: Asked, asker: Asker): Promise<ExecutionResult> {
  const response = await postQuery(asked, asker)
  return (await response.json()) as ExecutionResult
}

export function postQuery(asked: Asked, asker: Asker): Promise<Response> {
  return post('/graphql', asked, asker, 'application/graphql-response+json, application/json')
}

/**
 * The answers of a subscription, until it ends, nobody wants more, or the asker leaves. A generator alone would wait for the
 * next answer before it ends, and keep the stream open as long.
 */
export function askSubscription(asked: Asked, { token, leaving }: Asker): AsyncIterableIterator<ExecutionResult> {
  const over = new AbortController()
  const answers = answersTo(asked, { token, leaving: AbortSignal.any([leaving, over.signal]) })
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => answers.next(),
    return() {
      over.abort()
      return answers.return(undefined)
    },
  }
}

async function* answersTo(asked: Asked, asker: Asker): AsyncGenerator<ExecutionResult, undefined> {
  try {
    const response = await post('/graphql/stream', asked, asker, 'text/event-stream')
    if (!response.ok || response.body === null) {
      yield (await response.json()) as ExecutionResult
      return
    }
    for await (const { name, data } of readEvents(response.body)) {
      if (name === 'complete') return
      if (name === 'next') yield JSON.parse(data) as ExecutionResult
    }
  } catch (thrown) {
    // That it was ended is no failure.
    if (!asker.leaving.aborted) throw thrown
  }
}

function post(
  path: string,
  { query, operationName, variables }: Asked,
  { token, leaving }: Asker,
  accept: string,
): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, ...(operationName && { operationName }), ...(variables ? { variables } : {}) }),
    signal: leaving,
  })
}
