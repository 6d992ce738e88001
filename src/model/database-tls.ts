import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { ClientTls } from './client-tls.ts'
import { ConfigError } from './operator-file.ts'

/** TLS towards a PostgreSQL server, for the pools of restored systems and of the journal. */

/** What to do where a connection string has a word on TLS. */
export const TLS_REMEDY =
  'the setting tls alone says whether and how it is used: tls: {} trusts the authorities of the system, ca those in a file'

/**
 * What a pool tells its driver of TLS; false: there is none. Throws `ConfigError` where the connection string has a word of
 * its own on it.
 */
export function databaseTls(connectionString: string, tls: ClientTls | undefined): ConnectionOptions | false {
  const parameter = tlsInUrl(connectionString, tls !== undefined)
  if (parameter !== null)
    throw new ConfigError([`the connection string has the parameter ${parameter}: take it out; ${TLS_REMEDY}`])
  if (tls === undefined) return false
  const { servername } = tls
  const identity = {
    // The driver would have the certificate checked against the host of the URL, whatever `servername` is.
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      checkServerIdentity(servername ?? '', certificate),
  }
  return { ...tls, ...(servername === undefined ? {} : identity), minVersion: 'TLSv1.2', rejectUnauthorized: true }
}

/**
 * The name of a parameter of a connection string that says something of TLS; null: there is none. Drivers follow it rather
 * than their own settings, down to a certificate that nobody verifies. `sslmode=disable` agrees with having no `tls`.
 */
export function tlsInUrl(connectionString: string, hasTls: boolean): string | null {
  // What is no URL no driver reads.
  if (!URL.canParse(connectionString)) return null
  const parameters = [...new URL(connectionString).searchParams]
  const [name = null] =
    parameters.find(
      ([key, value]) => /^(ssl|uselibpqcompat$)/.test(key) && (hasTls || key !== 'sslmode' || value !== 'disable'),
    ) ?? []
  return name
}
