import { Agent, request } from 'undici'
import { retryAfterMs } from './retry-schedule.ts'

/**
 * Sends one message to a receiver: signed, once, bounded in time and bytes. Follows no redirect, keeps no connection, and
 * looks at nothing of the answer but its status and `Retry-After`.
 */
export interface Sender {
  /** Never rejects: whatever goes wrong is the receipt. Ends early when the signal aborts. */
  send(message: Message, signal: AbortSignal): Promise<Receipt>
  close(): Promise<void>
}

export interface Message {
  readonly url: string
  readonly id: string
  readonly body: string
  /** The value of `webhook-signature` for this message at that time. */
  readonly sign: (id: string, at: Date, body: string) => string
}

export type Receipt =
  | { readonly kind: 'taken' }
  /** 410: the receiver wants nothing more. */
  | { readonly kind: 'gone' }
  /** `failure` in words, without anything that the receiver said. */
  | { readonly kind: 'refused'; readonly failure: string; readonly askedMs: number | null }

/** Nobody reads more of an answer than its head. */
const MAX_ANSWER_BYTES = 16_384
const GONE = 410

export interface SenderOptions {
  readonly timeoutMs: number
  readonly now: () => number
}

export function createSender({ timeoutMs, now }: SenderOptions): Sender {
  const agent = new Agent({ connect: { timeout: timeoutMs }, pipelining: 0 })
  return {
    async send({ url, id, body, sign }, signal) {
      const at = new Date(now())
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          headers: {
            'content-type': 'application/json',
            'user-agent': 'recovery-gateway',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
            'webhook-signature': sign(id, at, body),
          },
          body,
        })
        const { statusCode, headers } = answer
        // It has answered: what is wrong with the rest of it is its own affair.
        await answer.body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => {})
        if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' }
        if (statusCode === GONE) return { kind: 'gone' }
        const retryAfter = headers['retry-after']
        const askedMs = retryAfterMs(typeof retryAfter === 'string' ? retryAfter : undefined, now())
        return { kind: 'refused', failure: `answered ${statusCode}`, askedMs }
      } catch (thrown) {
        return { kind: 'refused', failure: failureOf(thrown, timeoutMs), askedMs: null }
      }
    },
    close: () => agent.destroy(),
  }
}

/** By its code alone: messages may hold addresses that a name resolves to inside. */
function failureOf(thrown: unknown, timeoutMs: number): string {
  if (!Error.isError(thrown)) return 'could not be reached'
  if (thrown.name === 'TimeoutError') return `did not answer within ${timeoutMs} ms`
  const code = 'code' in thrown ? String(thrown.code) : null
  return code === null ? 'could not be reached' : `could not be reached: ${code}`
}
