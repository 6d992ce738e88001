import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { scrubText } from '../observe/scrub-text.ts'
import type { RequestDescription, Tracing } from '../observe/tracing.ts'
import { type Exchange, exchangeOf } from './exchange.ts'

/**
 * Has each request handled within a span that says what its line in the access log says. Called where traces are made, once
 * the server has its ways through the edge, the express lane included, which no instrumentation of the framework would see.
 */
export function traceRequests({ server }: FastifyInstance, tracing: Tracing): void {
  const handle = server.listeners('request').at(-1) as
    | ((request: IncomingMessage, response: ServerResponse) => void)
    | undefined
  if (handle === undefined) throw new TypeError('the server has no request listener')
  server.removeListener('request', handle)
  server.on('request', (request, response) =>
    tracing.request(
      request,
      response,
      () => handle.call(server, request, response),
      () => descriptionOf(request, exchangeOf(request)),
    ),
  )
}

function descriptionOf({ method = '' }: IncomingMessage, { id, route, audit }: Exchange): RequestDescription {
  const { partner, role, operation, answer, cost, codes } = audit
  const facts = {
    'http.request.method': method,
    'http.route': route,
    'graphql.operation.name': operation === null ? null : scrubText(operation),
    'gateway.request_id': id,
    'gateway.partner': partner,
    'gateway.role': role,
    'gateway.answer': answer,
    'gateway.cost': cost,
    'gateway.codes': codes.length === 0 ? null : codes.join(),
  }
  return {
    name: route === null ? method : `${method} ${route}`,
    attributes: Object.fromEntries(
      Object.entries(facts).filter((fact): fact is [string, string | number] => fact[1] !== null),
    ),
  }
}
