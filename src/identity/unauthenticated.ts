import { GatewayError } from '../model/errors.ts'

/** What the headers of a refusal say, beside a body that is always the same. */
export interface RefusalHeaders {
  /** `WWW-Authenticate` (RFC 9110 §11.6.1). Default: `Bearer`. */
  readonly challenge?: string
  /** `DPoP-Nonce` (RFC 9449 §8). */
  readonly nonce?: string
}

/**
 * The one answer to every request without a valid access token: whoever tries tokens learns nothing from it. Thrown by
 * this folder only; the edge writes its headers, and what was wrong is the cause, which goes to the log.
 */
export class Unauthenticated extends GatewayError {
  readonly challenge: string
  readonly nonce: string | null

  constructor(cause: unknown, { challenge = 'Bearer', nonce }: RefusalHeaders = {}) {
    super('UNAUTHENTICATED', 'A valid access token for this service is required.', { cause })
    this.challenge = challenge
    this.nonce = nonce ?? null
  }
}
