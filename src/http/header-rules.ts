import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../model/errors.ts'
import { createHeaderMemo } from './header-memo.ts'

/**
 * What the headers of any request must satisfy before anybody reads them. Called first for every request. A proxy in
 * front may read an ambiguous request in another way than this process does, so such a request is refused, never repaired.
 */

/** @throws GatewayError BAD_REQUEST naming the header, never its value */
export type HeaderRules = (request: IncomingMessage) => void

/** Headers that may be given once (RFC 9110 §5.3); Node keeps the first of two and drops the other without a word. */
const SINGULAR = ['host', 'authorization', 'content-type', 'content-length'] as const
const HOST = /^(?:[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
/** What a URL may ask; of more, its sender is told to use POST. */
export const MAX_QUERY_BYTES = 16_384

/** @param alsoSingular further headers that may be given once, in lower case */
export function createHeaderRules(alsoSingular: readonly string[] = []): HeaderRules {
  const assertSingular = createSingularRule([...new Set([...SINGULAR, ...alsoSingular])])
  const isHost = createHeaderMemo(value => HOST.test(value) && URL.canParse(`http://${value}/`))

  return request => {
    assertSingular(request.rawHeaders)

    // HTTP/1.0 may leave Host out; the steps behind need one to read the URL against.
    const { host, expect, 'transfer-encoding': transferEncoding } = request.headers
    if (host === undefined) throw new GatewayError('BAD_REQUEST', 'The Host header is missing.')
    if (!isHost(host)) throw new GatewayError('BAD_REQUEST', 'The Host header is not a host with an optional port.')

    // RFC 9112 §6.1: in an HTTP/1.0 message, Transfer-Encoding is faulty framing.
    if (transferEncoding !== undefined && (transferEncoding !== 'chunked' || request.httpVersion !== '1.1'))
      throw new GatewayError('BAD_REQUEST', 'Transfer-Encoding may only be "chunked", in HTTP/1.1.')

    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      throw new GatewayError('BAD_REQUEST', 'Expect may only be "100-continue".')

    const { url = '' } = request
    // A URL that is no longer than that has no query that is.
    if (url.length > MAX_QUERY_BYTES && url.includes('?') && url.length - url.indexOf('?') - 1 > MAX_QUERY_BYTES)
      throw new GatewayError('BAD_REQUEST', `The query string may have at most ${MAX_QUERY_BYTES} bytes: use POST.`)
  }
}

/** Each name has a bit of its own, so that what was seen is a number; and only names of their lengths are looked at. */
function createSingularRule(names: readonly string[]): (rawHeaders: readonly string[]) => void {
  const bits = new Map(names.map((name, index) => [name, 1 << index]))
  const lengths = new Set(names.map(name => name.length))
  return rawHeaders => {
    let seen = 0
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const raw = rawHeaders[index] ?? ''
      if (!lengths.has(raw.length)) continue
      const name = raw.toLowerCase()
      const bit = bits.get(name) ?? 0
      if ((seen & bit) !== 0) throw new GatewayError('BAD_REQUEST', `The header ${name} may be given only once.`)
      seen |= bit
    }
  }
}
