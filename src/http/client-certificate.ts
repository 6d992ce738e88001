import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientCertificateSettings } from '../config/identity-schema.ts'
import { GatewayError } from '../model/errors.ts'

/**
 * The certificate of whoever sends a request (RFC 8705): that of the connection, or the one that a proxy passes in a header.
 * Called where a token is bound to one. The header counts from the proxies of the configuration only, by the address that
 * the connection comes from; from anybody else it is as if it were not there.
 */
export type ClientCertificateOf = (request: IncomingMessage) => X509Certificate | null

export interface ClientCertificateOptions {
  /** Null: no header counts. */
  readonly proxied: ClientCertificateSettings | null
  /** Whether certificates of connections count only where one of the configured authorities has signed them. */
  readonly onlyAuthorized: boolean
}

/** The result throws BAD_REQUEST where a trusted proxy passes what is no certificate. */
export function createClientCertificateOf({ proxied, onlyAuthorized }: ClientCertificateOptions): ClientCertificateOf {
  const isProxy = proxied === null ? () => false : createAddressCheck(proxied.trustedProxies)
  return request => {
    const { socket, headers } = request
    // A proxy has a certificate of its own, perhaps: that is nobody's who sends a request through it.
    if (proxied !== null && isProxy(socket.remoteAddress)) return certificateIn(proxied.header, headers[proxied.header])
    if (!(socket instanceof TLSSocket)) return null
    if (onlyAuthorized && !socket.authorized) return null
    return socket.getPeerX509Certificate() ?? null
  }
}

/** Longest certificate that is read, in characters as the header holds it. */
const MAX_LENGTH = 16_384

function certificateIn(header: string, value: string | readonly string[] | undefined): X509Certificate | null {
  if (value === undefined || value === '') return null
  try {
    if (typeof value !== 'string' || value.length > MAX_LENGTH)
      throw new Error('the value is too long, or there are two')
    return new X509Certificate(header === 'client-cert' ? byteSequence(value) : decodeURIComponent(value))
  } catch (cause) {
    throw new GatewayError('BAD_REQUEST', `The header ${header} is not a certificate.`, { cause })
  }
}

/** RFC 9440 §2.1: a byte sequence of structured fields (RFC 9651 §3.3.5), the certificate in DER. */
function byteSequence(value: string): Buffer {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1] ?? ''
  const bytes = Buffer.from(base64, 'base64')
  if (base64 === '' || bytes.toString('base64') !== base64) throw new Error('the value is not a byte sequence')
  return bytes
}

function createAddressCheck(ranges: readonly string[]): (address: string | undefined) => boolean {
  // One list for each: in a list of both, ranges of IPv6 hold addresses of IPv4.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  const all = ranges.flatMap(range => (range === 'loopback' ? ['127.0.0.0/8', '::1'] : range))
  for (const range of all) {
    const [address = '', prefix] = range.split('/')
    const family = familyOf(address)
    if (prefix === undefined) lists[family].addAddress(address, family)
    else lists[family].addSubnet(address, Number(prefix), family)
  }
  return shown => {
    // A socket of IPv6 shows IPv4 so; and a link by its name, which a list does not take.
    const address = shown?.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '') ?? ''
    return isIP(address) > 0 && lists[familyOf(address)].check(address, familyOf(address))
  }
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')
