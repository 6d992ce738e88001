import { createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose'

/**
 * What of a JWK set (RFC 7517) can verify tokens. Called by who follows the issuer's keys, before they take the place of
 * those that are known: §5 has whoever does not understand a key ignore it, so one bad key takes no good one with it.
 */

/**
 * The public signing keys for one of these algorithms, and of several with one `kid` the first. Throws an `Error` that
 * names the URL where there is none: a set without keys is a mistake of the issuer, and no reason to forget those of before.
 */
export async function usableKeysIn(set: unknown, algorithms: readonly string[], url: string): Promise<JSONWebKeySet> {
  const published = Object(set).keys
  if (!Array.isArray(published)) throw new Error(`${url} gave no JWK set`)
  const keys = new Map<unknown, JWK>()
  for (const jwk of published) {
    if (!(await isUsable(jwk, algorithms))) continue
    // Without a name they are told apart by their kind alone.
    const name = jwk.kid ?? jwk
    if (!keys.has(name)) keys.set(name, jwk)
  }
  if (keys.size === 0) throw new Error(`${url} gave no public key for ${algorithms.join(', ')}`)
  return { keys: [...keys.values()] }
}

/** Asked of the library that verifies, so that what counts as usable here is used there. */
async function isUsable(jwk: unknown, algorithms: readonly string[]): Promise<boolean> {
  const kid = Object(jwk).kid
  if (kid !== undefined && typeof kid !== 'string') return false
  for (const alg of algorithms)
    try {
      await createLocalJWKSet({ keys: [jwk as JWK] })({ alg })
      return true
    } catch {
      // Not by this algorithm.
    }
  return false
}
