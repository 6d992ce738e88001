import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../model/errors.ts'
import { jsonFaultAt } from './json-fault.ts'

/**
 * Makes JSON objects in UTF-8 the only body that this server reads. Fastify's own parser does the parsing and refuses
 * keys that reach prototypes; this file adds what it is silent about, and words each refusal without quoting the body.
 */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(body)) {
      done(new GatewayError('BAD_REQUEST', `The body is not UTF-8: see byte ${invalidByteAt(body)}.`))
      return
    }
    const text = body.toString('utf8')
    void parse(request, text, (error, value: unknown) => {
      if (error !== null) done(refusalOf(text))
      else if (value === null || typeof value !== 'object' || Array.isArray(value))
        done(new GatewayError('BAD_REQUEST', 'The body must be one JSON object; batches are not served.'))
      else done(null, value)
    })
  })
}

function refusalOf(text: string): GatewayError {
  if (text.trim() === '') return new GatewayError('BAD_REQUEST', 'The body is empty.')
  const fault = jsonFaultAt(text)
  const message =
    fault === null
      ? 'The body may not have a key __proto__, nor a key prototype under a key constructor.'
      : `The body is not JSON: see character ${fault + 1}${fault === text.length ? ', where it ends' : ''}.`
  return new GatewayError('BAD_REQUEST', message)
}

/** Number of the first byte, from 1, that is no UTF-8: where the body and its lossy reading part. */
function invalidByteAt(body: Buffer): number {
  return Buffer.from(body.toString('utf8')).findIndex((byte, index) => byte !== body[index]) + 1
}
