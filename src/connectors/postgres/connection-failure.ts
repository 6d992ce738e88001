import { ensureError } from '../../model/errors.ts'
import { withoutValues } from './sql-client.ts'

/**
 * Words why a connection to a server did not come about, in one line for the log and for whoever checks a configuration.
 * Called by `pool-client.ts`. Says where the server is, never a password, a key or a certificate.
 */
export function connectionFailure(thrown: unknown, place: string): Error {
  return new Error(`no connection to PostgreSQL at ${place}: ${reasonOf(ensureError(withoutValues(thrown)))}`)
}

/** Codes of OpenSSL's verification, as Node names them. */
const UNTRUSTED = /^(CERT_|CRL_|DEPTH_ZERO_|ERROR_IN_|HOSTNAME_|INVALID_|PATH_|SELF_SIGNED_|UNABLE_TO_)/

function reasonOf(reason: Error): string {
  const code = 'code' in reason ? String(reason.code) : ''
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another name: ${reason.message}; tls.serverName says which name is due`
  if (UNTRUSTED.test(code)) return `its certificate is not trusted: ${reason.message}; tls.ca says who may sign it`
  // A host with several addresses has a failure for each, and no message for all.
  if ('errors' in reason && Array.isArray(reason.errors))
    return reason.errors.map(each => ensureError(each).message).join(', ')
  return reason.message
}
