import { ensureError, GatewayError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'

/**
 * What the log tells of requests that were refused. How many come is for others to say, strangers among them: so of refusals it
 * takes a few lines in a while, without stacks, and then how many more there were. The access log has each. A failure of the
 * gateway's own is always told, whole.
 */
export type TellRefusal = (error: unknown, requestId: string) => void

const MOST_LINES = 20
const WHILE_MS = 10_000

export function createRefusalLog(
  log: Pick<Log, 'error' | 'warn'>,
  now: () => number = () => performance.now(),
): TellRefusal {
  let sinceMs = -Infinity
  let lines = 0
  let untold = 0

  function hasRoom(): boolean {
    if (now() - sinceMs >= WHILE_MS) {
      if (untold > 0) log.warn({ refusals: untold }, 'more requests were refused than the log has lines for')
      sinceMs = now()
      lines = 0
      untold = 0
    }
    lines += 1
    return lines <= MOST_LINES
  }

  return (error, requestId) => {
    if (!(error instanceof GatewayError)) log.error({ requestId, error }, 'a request failed')
    else if (error.cause === undefined) return
    else if (hasRoom())
      log.warn({ requestId, code: error.code, why: ensureError(error.cause).message }, 'a request was refused')
    else untold += 1
  }
}
