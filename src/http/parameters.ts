import type { FastifyRequest } from 'fastify'
import type { Parameters } from '../responses/reading.ts'
import { parseJsonBody } from './json-body.ts'

/** What a request to /graphql asks with, before anybody has looked into it: the bytes, and the parameters in them. */

/** No byte is this character: what stands behind it is a URL, and no body. */
const URL_MARK = '\u0100'

/** The body, or the URL: each byte a character, so that equal text means equal bytes of the same. */
export function askedBytes({ method, body, url }: FastifyRequest): string {
  return method === 'POST' && Buffer.isBuffer(body) ? body.toString('latin1') : URL_MARK + url
}

/** Parameters of GraphQL over HTTP that are objects: in a URL they are JSON text. */
const OBJECTS = ['variables', 'extensions']

/**
 * Null: a URL in which a parameter is not what it must be, for the protocol to word.
 *
 * @throws GatewayError BAD_REQUEST for a body that is not a JSON object
 */
export function parametersIn({ method, body, query }: FastifyRequest): Parameters | null {
  if (method === 'POST') return parseJsonBody(body as Buffer)
  const entries = Object.entries(query as Parameters)
  try {
    return Object.fromEntries(
      entries.map(([name, value]) => [
        name,
        OBJECTS.includes(name) && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
      ]),
    )
  } catch {
    return null
  }
}
