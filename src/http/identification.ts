import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/**
 * The request id that every answer carries, and the word that its form is not to be guessed. Answers that go through the
 * framework get both from a hook; whoever writes an answer past it calls `identify`, or lays `identifying` into its headers.
 */

const REQUEST_ID = Symbol('request id')
type Identified = ServerResponse & { [REQUEST_ID]?: string }

/** To be registered first, so that no answer is without. */
export function registerIdentification(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const response: Identified = reply.raw
    response[REQUEST_ID] = request.id
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    identify(reply.raw)
    done()
  })
}

/** Sets both on an answer whose headers have not been sent. */
export function identify(response: ServerResponse): void {
  const id = requestIdOf(response)
  if (id !== undefined) response.setHeader('x-request-id', id)
  response.setHeader('x-content-type-options', 'nosniff')
}

/** Both, for an answer that is given all its headers at once, which costs less than to set each. */
export function identifying(requestId: string): readonly string[] {
  return ['x-request-id', requestId, 'x-content-type-options', 'nosniff']
}

/** Undefined: it belongs to no request that was let in. */
export function requestIdOf(response: Identified): string | undefined {
  return response[REQUEST_ID]
}
