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
  const list = new BlockList()
  const all = ranges.flatMap(range => (range === 'loopback' ? ['127.0.0.0/8', '::1'] : range))
  for (const range of all) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return address =>
    address !== undefined && isIP(address) > 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}
