import { type Return, retryAfterSeconds } from '../admission/retry-after.ts'
import { GatewayError } from '../model/errors.ts'

/** When to try again where a partner has as many streams as it may: one ends when any of its clients lets go. */
const RETURN: Return = { leastSeconds: 20, spreadSeconds: 20 }

/** How many streams each partner has, of those that are bounded together. Made by each route of streams. */
export function createStreamPlaces(max: number) {
  const taken = new Map<string, number>()
  return {
    /** Gives what gives the place back; throws RATE_LIMITED where there is none. */
    take(bpnl: string): () => void {
      const streams = taken.get(bpnl) ?? 0
      if (streams >= max)
        throw new GatewayError('RATE_LIMITED', `This partner has ${streams} streams open and may have ${max}.`, {
          details: { retryAfterSeconds: retryAfterSeconds(RETURN), streams, streamLimit: max },
        })
      taken.set(bpnl, streams + 1)
      return () => {
        const left = (taken.get(bpnl) ?? 1) - 1
        if (left > 0) taken.set(bpnl, left)
        else taken.delete(bpnl)
      }
    },
  }
}
