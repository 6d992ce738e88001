import type { Standing } from '../admission/budget.ts'
import type { Viewer } from '../model/viewer.ts'

/**
 * What every answer to a partner says of its budget, in the fields `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10). Called by all that sends answers; it waits for nothing, so it says what this
 * process knows.
 */

/** Names and values in turn, as `writeHead` takes them. */
export type RateLimitFields = (viewer: Viewer) => readonly [string, string, string, string]

const WINDOW_SECONDS = 60
/** As many limits as partners have, and not more of them than this. */
const MAX_POLICIES = 256

export function createRateLimitFields(standing: (viewer: Viewer) => Standing): RateLimitFields {
  const policies = new Map<number, string>()

  function policyOf(costPerMinute: number): string {
    const known = policies.get(costPerMinute)
    if (known !== undefined) return known
    if (policies.size >= MAX_POLICIES) policies.clear()
    const made = `"cost";q=${costPerMinute};w=${WINDOW_SECONDS}`
    policies.set(costPerMinute, made)
    return made
  }

  return viewer => {
    const { remaining, resetsInMs } = standing(viewer)
    return [
      'ratelimit-policy',
      policyOf(viewer.costPerMinute),
      'ratelimit',
      `"cost";r=${Math.floor(remaining)};t=${Math.ceil(resetsInMs / 1_000)}`,
    ]
  }
}
