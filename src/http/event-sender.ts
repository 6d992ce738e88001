import type { ServerResponse } from 'node:http'
import { createHandler, type ExecutionResult } from 'graphql-sse'
import type { EventStream } from '../graphql/subscriptions/event-stream.ts'
import type { StreamAudit } from './audit.ts'

/**
 * Sends the answers of a stream as server-sent events, in the distinct-connections mode of the GraphQL over SSE protocol.
 * `graphql-sse` forms the events, and a comment every 12 seconds; it is shown nothing of the request, so that no token of
 * its other mode can reach it. Called by the stream's route; never makes or words an answer.
 */
export interface EventSender {
  /** Resolves when the connection is closed; tells the audit how far it has come. */
  send(stream: EventStream, response: ServerResponse, audit: StreamAudit): Promise<void>
}

export interface EventSenderOptions {
  /** Longest time for which a client may take nothing of what it is sent. Default 30 s. */
  readonly stalledMs: number
  /** Time for the last words of a stream that has ended; then its connection is cut. Default 2 s. */
  readonly lingerMs: number
}

/** Of every answer that is a stream of events. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // The stream's end is the connection's.
  connection: 'close',
  // Proxies that buffer answers by habit do not hold events back.
  'x-accel-buffering': 'no',
}

/** How a chunk begins that is an answer, and neither a comment nor the end. */
const ANSWER = 'event: next'

export function createEventSender({ stalledMs = 30_000, lingerMs = 2_000 }: Partial<EventSenderOptions>): EventSender {
  const handle = createHandler<null, AsyncIterable<ExecutionResult>>({
    // No token: no stream can be reserved or found again.
    authenticate: () => null,
    onSubscribe: ({ context }) => context,
  })
  const eventsOf = async (answers: AsyncIterable<ExecutionResult>): Promise<AsyncIterable<string>> => {
    const [body] = await handle({
      method: 'POST',
      url: '/',
      headers: { get: name => (name === 'accept' ? 'text/event-stream' : 'application/json') },
      body: { query: 'subscription' },
      raw: null,
      context: answers,
    })
    if (body === null || typeof body === 'string') throw new Error('graphql-sse refused a stream')
    return body
  }

  async function write(stream: EventStream, response: ServerResponse, audit: StreamAudit): Promise<void> {
    const { answers, written } = pace(stream)
    for await (const chunk of await eventsOf(answers)) {
      if (response.destroyed) break
      if (!response.write(chunk) && !(await drained(response, stalledMs)))
        stream.end(response.closed ? 'CLIENT_LEFT' : 'TOO_SLOW')
      if (!chunk.startsWith(ANSWER)) continue
      audit.events++
      written()
    }
  }

  return {
    async send(stream, response, audit) {
      const closed = closeOf(response)
      void closed.then(() => stream.end('CLIENT_LEFT'))
      // What it has not taken so far, a client that is too slow would not take now.
      void stream.ended.then(why => {
        audit.why = why
        if (why === 'TOO_SLOW') response.destroy()
        else cutAfter(lingerMs, response)
      })
      response.writeHead(200, EVENT_STREAM_HEADERS)
      await write(stream, response, audit)
      response.end()
      await closed
    },
  }
}

/** Hands out an answer only once the one before was written: the library reads ahead, into a list without a bound. */
function pace({ answers, ended }: EventStream) {
  let previous = Promise.withResolvers<void>()
  const written = () => previous.resolve()
  written()
  void ended.then(written)
  const paced: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      await previous.promise
      previous = Promise.withResolvers()
      // Typed for errors that are not worded yet; they are only written as JSON.
      return answers.next() as Promise<IteratorResult<ExecutionResult>>
    },
  }
  return { answers: paced, written }
}

export function closeOf(response: ServerResponse): Promise<void> {
  if (response.closed) return Promise.resolve()
  return new Promise(resolve => response.once('close', resolve))
}

/** Whether the client took what waits for it within the time. */
async function drained(response: ServerResponse, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, withinMs, false)
  const onDrain = () => resolve(true)
  const onClose = () => resolve(false)
  response.once('drain', onDrain).once('close', onClose)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    response.off('drain', onDrain).off('close', onClose)
  }
}

export function cutAfter(delayMs: number, response: ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), delayMs)
  void closeOf(response).then(() => clearTimeout(timer))
}
