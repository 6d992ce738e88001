import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuthenticationRequest } from '../identity/authenticate.ts'
import type { ClientCertificateOf } from './client-certificate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What shows who is asking, for the authenticator. */
    readonly credentials: AuthenticationRequest
  }
}

const NO_PROOFS: readonly string[] = []

/** What a request shows of its sender, as it came. Registered by the partner server; the routes hand it to the authenticator. */
export function registerCredentials(app: FastifyInstance, certificateOf: ClientCertificateOf): void {
  // A class, so that the getter is made once and not for each request.
  class Credentials implements AuthenticationRequest {
    readonly #raw: IncomingMessage
    readonly authorization: string | undefined
    readonly method: string
    readonly url: string
    readonly proofs: readonly string[]

    constructor(raw: IncomingMessage) {
      this.#raw = raw
      this.authorization = raw.headers.authorization
      this.method = raw.method ?? ''
      this.url = raw.url ?? ''
      this.proofs = raw.headers.dpop === undefined ? NO_PROOFS : valuesOf('dpop', raw.rawHeaders)
    }

    /** Read only where a token is bound to one. */
    get certificate(): X509Certificate | null {
      return certificateOf(this.#raw)
    }
  }
  app.decorateRequest('credentials', {
    getter(this: FastifyRequest): AuthenticationRequest {
      return new Credentials(this.raw)
    },
  })
}

/** Each by itself: Node joins them with commas. */
function valuesOf(name: string, rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}
