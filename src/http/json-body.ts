import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../model/errors.ts'
import { bodyTakenFrom } from './express-lane.ts'
import { jsonFaultAt } from './json-fault.ts'

/**
 * Bodies: JSON objects in UTF-8 (RFC 8259) and nothing else. The partner server reads their bytes and leaves them bytes,
 * because a body that is known by its bytes is not parsed again; the routes parse those that are not. No refusal quotes a body.
 */

/** Has the server read bodies of the one media type, as a Buffer. */
export function registerJsonBody(app: FastifyInstance): void {
  // Read already, where the request has come by the express lane.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const taken = bodyTakenFrom(request.raw)
    done(null, taken === undefined ? payload : Readable.from([taken]))
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
}

/** @throws GatewayError BAD_REQUEST with the place of what is wrong, and where a key could reach a prototype */
export function parseJsonBody(body: Buffer): Readonly<Record<string, unknown>> {
  if (!isUtf8(body)) throw new GatewayError('BAD_REQUEST', `The body is not UTF-8: see byte ${invalidByteAt(body)}.`)
  const decoded = body.toString('utf8')
  // RFC 8259 §8.1: a byte order mark may be ignored.
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded
  const value = parsed(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new GatewayError('BAD_REQUEST', 'The body must be one JSON object; batches are not served.')
  // A key can be spelled with escapes, so a text that has any is suspect too.
  if (SUSPECT.test(text) && reachesPrototype(value))
    throw new GatewayError(
      'BAD_REQUEST',
      'The body may not have a key __proto__, nor a key prototype under a key constructor.',
    )
  return value as Readonly<Record<string, unknown>>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    if (text.trim() === '') throw new GatewayError('BAD_REQUEST', 'The body is empty.')
    const offset = jsonFaultAt(text) ?? text.length
    const end = offset === text.length ? ', where it ends' : ''
    throw new GatewayError('BAD_REQUEST', `The body is not JSON: see character ${offset + 1}${end}.`)
  }
}

const SUSPECT = /__proto__|constructor|\\u/

/** Without recursion: bodies are as deep as they are long. */
function reachesPrototype(body: object): boolean {
  const waiting: object[] = [body]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const [name, value] of Object.entries(node) as [string, unknown][]) {
      if (name === '__proto__') return true
      if (value === null || typeof value !== 'object') continue
      if (name === 'constructor' && Object.hasOwn(value, 'prototype')) return true
      waiting.push(value)
    }
  }
  return false
}

/** Number of the first byte, from 1, that is no UTF-8: where the body and its lossy reading part. */
function invalidByteAt(body: Buffer): number {
  return Buffer.from(body.toString('utf8')).findIndex((byte, index) => byte !== body[index]) + 1
}
