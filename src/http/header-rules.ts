import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../model/errors.ts'

/**
 * What the headers of any request must satisfy before anybody reads them. Called first for every request. A proxy in
 * front may read an ambiguous request in another way than this process does, so such a request is refused, never repaired.
 */

/** Headers that may be given once (RFC 9110 §5.3); Node keeps the first of two and drops the other without a word. */
export const SINGULAR: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type', 'content-length'])
const HOST = /^(?:[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
const MAX_QUERY_BYTES = 16_384

/**
 * @param singular the headers that may be given once, in lower case
 * @throws GatewayError BAD_REQUEST naming the header, never its value
 */
export function assertSoundHeaders(request: IncomingMessage, singular: ReadonlySet<string> = SINGULAR): void {
  assertSingular(request.rawHeaders, singular)

  // HTTP/1.0 may leave Host out; the steps behind need one to read the URL against.
  const { host, expect, 'transfer-encoding': transferEncoding } = request.headers
  if (host === undefined) throw new GatewayError('BAD_REQUEST', 'The Host header is missing.')
  if (!HOST.test(host) || !URL.canParse(`http://${host}/`))
    throw new GatewayError('BAD_REQUEST', 'The Host header is not a host with an optional port.')

  // RFC 9112 §6.1: in an HTTP/1.0 message, Transfer-Encoding is faulty framing.
  if (transferEncoding !== undefined && (transferEncoding !== 'chunked' || request.httpVersion !== '1.1'))
    throw new GatewayError('BAD_REQUEST', 'Transfer-Encoding may only be "chunked", in HTTP/1.1.')

  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new GatewayError('BAD_REQUEST', 'Expect may only be "100-continue".')

  const query = request.url?.indexOf('?') ?? -1
  if (query >= 0 && (request.url?.length ?? 0) - query - 1 > MAX_QUERY_BYTES)
    throw new GatewayError('BAD_REQUEST', `The query string may have at most ${MAX_QUERY_BYTES} bytes: use POST.`)
}

function assertSingular(rawHeaders: readonly string[], singular: ReadonlySet<string>): void {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!singular.has(name)) continue
    if (seen.has(name)) throw new GatewayError('BAD_REQUEST', `The header ${name} may be given only once.`)
    seen.add(name)
  }
}
