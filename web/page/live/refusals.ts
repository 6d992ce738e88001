import { retryAfterMs } from './waits.ts'

/** Why there is no answer. */

/** The token is not, or no longer, accepted; or it does not allow what was asked with it. */
export class TokenRefused extends Error {}

/** The gateway, or what stands in front of it, did not give what was asked for: another time it may. */
export class NotAnswered extends Error {
  /** It wants not to be asked again sooner. */
  readonly retryAfterMs: number

  constructor(message: string, { headers }: Response) {
    super(message)
    this.retryAfterMs = retryAfterMs(headers, Date.now())
  }
}

/** With the gateway's words, where it has said any. */
export function refusalOf(response: Response, words = `the gateway answered ${response.status}`): Error {
  const { status } = response
  return status === 401 || status === 403 ? new TokenRefused(words) : new NotAnswered(words, response)
}
