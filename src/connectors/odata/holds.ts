import type { Clock } from '../../model/clock.ts'

/**
 * Services that asked to be left alone (`Retry-After`, RFC 9110 section 10.2.3). Until then no request is sent to them.
 * Called by the client around every request.
 */
export interface Holds {
  /** Throws while the service wants no request. */
  check(service: string): void
  /** Takes the header of a 429 or 503; without one, or where it cannot be read, nothing is held. */
  note(service: string, retryAfter: string | undefined): void
  /** What is held now, for people; null: nothing. */
  warning(): string | null
}

/** Longer than this a service is not believed: someone has to look. */
const MAX_HOLD_MS = 60_000

export function createHolds(clock: Clock): Holds {
  const until = new Map<string, number>()

  function wordsOf(service: string): string | null {
    const end = until.get(service)
    if (end === undefined) return null
    if (clock.now() < end) return `${service} asked for no requests until ${new Date(end).toISOString()}`
    until.delete(service)
    return null
  }

  return {
    check(service) {
      const words = wordsOf(service)
      if (words !== null) throw new Error(`${words} (Retry-After)`)
    },
    note(service, retryAfter = '') {
      const wait = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - clock.now()
      if (wait > 0) until.set(service, clock.now() + Math.min(wait, MAX_HOLD_MS))
    },
    warning: () => [...until.keys()].map(wordsOf).find(words => words !== null) ?? null,
  }
}
