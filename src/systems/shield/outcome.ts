/** How one call of a system went: told by the shield to its parts. */
export type Outcome<T> = Course & ({ readonly kind: 'answered'; readonly value: T } | Failure)

interface Course {
  readonly tookMs: number
  /** Whether it speaks against the system: a failure, bad data, or an answer that took too long. */
  readonly isFault: boolean
}

interface Failure {
  readonly kind: 'failed'
  readonly error: unknown
  /** What goes on at the source although nobody waits for it any more; null: nothing does. */
  readonly underWay: Promise<unknown> | null
}

/** Given up in less time than what would have been slow: it speaks neither for the system nor against it. */
export const saysNothing = (outcome: Outcome<unknown>): boolean => outcome.kind === 'failed' && !outcome.isFault
