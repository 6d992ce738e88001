import type { ExecutionResult, FormattedExecutionResult } from 'graphql'
import type { Clock } from '../../model/clock.ts'
import { FeedOverflow } from './event-feed.ts'

/**
 * The answers of one subscription, and the end of them. A stream ends by itself, at once, when the right to it does: no
 * answer is handed on that the viewer may no longer have. Made by `subscriptions.ts`; knows nothing of how it is sent.
 */
export interface EventStream {
  /** Makes each answer only when it is asked for. */
  readonly answers: AsyncIterableIterator<FormattedExecutionResult>
  /** Ends it, whatever is still to come; no effect on one that has ended. */
  end(why: StreamEnd): void
  readonly ended: Promise<StreamEnd>
}

export type StreamEnd =
  | 'CLIENT_LEFT'
  | 'TOKEN_EXPIRED'
  /** The partner was disabled, or what it may do has changed. */
  | 'RIGHTS_CHANGED'
  | 'SHUTTING_DOWN'
  /** It is open for long enough: whoever follows comes back, maybe to another instance. */
  | 'TOO_OLD'
  /** The client does not take what it is sent. */
  | 'TOO_SLOW'
  | 'FAILED'

/** The right to a stream. */
export interface StreamRight {
  /** When the access token stops being accepted, in milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
  /** Whether the viewer still has the rights that it was let in with. */
  isCurrent(): boolean
  /** Calls back when it may have changed; returns what ends it. */
  onChange(listener: () => void): () => void
}

export interface EventStreamOptions {
  readonly events: AsyncIterator<unknown>
  readonly answer: (event: unknown) => Promise<ExecutionResult>
  /** Words an answer's errors for the partner. */
  readonly word: (answer: ExecutionResult) => FormattedExecutionResult
  readonly right: StreamRight
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/** Longest time that a timer of Node can wait; a longer one would go off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

export function createEventStream(options: EventStreamOptions): EventStream {
  const { events, answer, word, right, clock, onFailure } = options
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>()
  let isOver = false
  let expiry: NodeJS.Timeout | undefined

  function end(why: StreamEnd): void {
    if (isOver) return
    isOver = true
    clearTimeout(expiry)
    stopWatching()
    void events.return?.()
    resolve(why)
  }

  /** Ends the stream where its right has. */
  function isRightful(): boolean {
    if (clock.now() >= right.expiresAtMs) end('TOKEN_EXPIRED')
    else if (!right.isCurrent()) end('RIGHTS_CHANGED')
    return !isOver
  }

  function watchExpiry(): void {
    // Set anew when it goes off early: the clock may run otherwise than the timer, and the wait be too long for one.
    const remainingMs = Math.min(Math.max(1, right.expiresAtMs - clock.now()), MAX_TIMER_MS)
    expiry = setTimeout(() => {
      if (isRightful()) watchExpiry()
    }, remainingMs).unref()
  }

  async function next(): Promise<IteratorResult<FormattedExecutionResult>> {
    try {
      const event = await events.next()
      if (event.done === true || !isRightful()) return DONE
      const answered = await answer(event.value)
      // Asked again: the right may have ended while the answer was made.
      return isRightful() ? { done: false, value: word(answered) } : DONE
    } catch (error) {
      // No failure: the answer was refused because the right to it has ended.
      if (!isRightful()) return DONE
      if (!(error instanceof FeedOverflow)) onFailure(error)
      end(error instanceof FeedOverflow ? 'TOO_SLOW' : 'FAILED')
      return DONE
    }
  }

  const stopWatching = right.onChange(isRightful)
  if (isRightful()) watchExpiry()
  return {
    end,
    ended,
    answers: {
      [Symbol.asyncIterator]() {
        return this
      },
      next,
      async return() {
        end('CLIENT_LEFT')
        return DONE
      },
    },
  }
}
