import type { Clock } from '../../model/clock.ts'

/**
 * Credentials that were refused are not sent again with every read: a directory that counts wrong passwords locks the
 * user. Called by the client around every request, and around those for tokens.
 */
export interface Refusals {
  /**
   * Sends, unless this is held: then it rejects with what the refusal said. A hold lasts 5 s, twice as long after each
   * refusal that follows, a minute at most; after it one tries alone, and the rest waits for what comes of that.
   */
  attempt<T>(subject: Subject, send: (report: Report) => Promise<T>): Promise<T>
  /** What is held now, for people; null: nothing. */
  warning(): string | null
}

export interface Subject {
  /** What refuses, such as a service, for the warning. */
  readonly name: string
  /** So many refusals, one after the other, until it is held. */
  readonly enough: number
}

export interface Report {
  accepted(): void
  /** Takes the error that the send will reject with. */
  refused(error: Error): void
}

interface Held {
  refusals: number
  until: number
  isTried: boolean
  error: Error
}

const FIRST_HOLD_MS = 5_000
const MAX_HOLD_MS = 60_000

export function createRefusals(clock: Clock): Refusals {
  const known = new Map<string, Held>()

  function refused({ name, enough }: Subject, error: Error): void {
    const held = known.get(name) ?? { refusals: 0, until: 0, isTried: false, error }
    // Several that were on their way together are one refusal.
    if (clock.now() < held.until) return
    held.refusals += 1
    held.error = error
    const doublings = Math.min(held.refusals - enough, 10)
    if (doublings >= 0) held.until = clock.now() + Math.min(FIRST_HOLD_MS * 2 ** doublings, MAX_HOLD_MS)
    known.set(name, held)
  }

  return {
    async attempt(subject, send) {
      const held = known.get(subject.name)
      const isTrial = held !== undefined && held.refusals >= subject.enough
      if (isTrial && (held.isTried || clock.now() < held.until)) throw held.error
      if (isTrial) held.isTried = true
      try {
        return await send({
          accepted: () => known.delete(subject.name),
          refused: error => refused(subject, error),
        })
      } finally {
        if (isTrial) held.isTried = false
      }
    },
    warning() {
      for (const [name, { until }] of known)
        if (clock.now() < until)
          return `${name} refused the credentials, which are not sent again until ${new Date(until).toISOString()}`
      return null
    },
  }
}
