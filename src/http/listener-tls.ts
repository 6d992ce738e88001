import { constants } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type TlsOptions } from 'node:tls'
import type { ListenTlsSettings } from '../config/listen-schema.ts'
import { readFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'

/**
 * TLS towards partners: TLS 1.2 or later, HTTP/1.1. Read once at the start, by the composition root, for the partner server.
 * What partners show of themselves is asked for and never demanded: whether it is needed, their tokens say.
 */
export interface ListenerTls extends TlsOptions {
  /** Whether only certificates of the configured authorities count. */
  readonly onlyAuthorized: boolean
}

/** Throws `ConfigError` that names the file that cannot be used, never what stands in it. */
export async function readListenerTls(settings: ListenTlsSettings): Promise<ListenerTls> {
  const [cert, key] = await Promise.all([read(settings.cert), read(settings.key)])
  const ca = settings.clientCa === undefined ? undefined : await read(settings.clientCa)
  const asked = settings.clientCertificates === 'optional'
  const tls: ListenerTls = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // A client could change its certificate in the middle of a connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    requestCert: asked,
    // The handshake proves that the client holds the key. Who vouches for it is a question for the issuer of its tokens.
    rejectUnauthorized: false,
    onlyAuthorized: ca !== undefined,
  }
  try {
    createSecureContext(tls)
  } catch {
    // Without the cause: its message could quote the key.
    const authorities = settings.clientCa === undefined ? '' : `, or ${settings.clientCa} holds no certificates`
    throw new ConfigError([
      `${settings.cert} and ${settings.key} are not a certificate and its private key${authorities}`,
    ])
  }
  return tls
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`${file}: cannot be read: ${readFailure(cause)}`], { cause })
  })
}
