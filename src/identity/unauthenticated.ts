import { GatewayError } from '../model/errors.ts'

/**
 * The one answer to every request without a valid access token: whoever tries tokens learns nothing from it. Used by
 * the verifier and the authenticator; what was wrong is the cause, which goes to the log.
 */
export function unauthenticated(cause: unknown): GatewayError {
  return new GatewayError('UNAUTHENTICATED', 'A valid access token for this service is required.', { cause })
}
