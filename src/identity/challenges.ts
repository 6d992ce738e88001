/** Why a request with credentials is refused (RFC 6750 §3.1, RFC 9449 §7.1 and §8). */
export type ChallengeError = 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce'

/** The values of `WWW-Authenticate`. Made by the authenticator, from the algorithms that proofs may have. */
export interface Challenges {
  /** For a request without credentials that are known here: the schemes, and no error. */
  readonly none: string
  /** For one with a bearer token: what may be used instead of it, too. */
  readonly bearer: string
  dpop(error: ChallengeError): string
}

/** @param algorithms those of DPoP proofs; null: the scheme DPoP is not offered */
export function createChallenges(algorithms: readonly string[] | null): Challenges {
  const algs = algorithms === null ? null : `algs="${algorithms.join(' ')}"`
  const offer = (bearer: string) => (algs === null ? bearer : `${bearer}, DPoP ${algs}`)
  return {
    none: offer('Bearer'),
    bearer: offer('Bearer error="invalid_token"'),
    dpop: error => `DPoP error="${error}"${algs === null ? '' : `, ${algs}`}`,
  }
}
