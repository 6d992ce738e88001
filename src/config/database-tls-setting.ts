import { TLS_REMEDY, tlsInUrl } from '../model/database-tls.ts'

/** That `tls` alone says how a database is reached, and not its URL too. Called by the schemas of all databases. */

interface DatabaseSettings {
  readonly connectionString: string
  readonly tls?: unknown
}

export function saysTlsOnce({ connectionString, tls }: DatabaseSettings): boolean {
  return tlsInUrl(connectionString, tls !== undefined) === null
}

export const SAYS_TLS_TWICE = {
  path: ['connectionString'],
  error: `must have no parameter for TLS; ${TLS_REMEDY}`,
}
