import { DeadlineError, withinDeadline } from '../../../systems/deadline.ts'
import { type Problem, reasonOf } from './problem.ts'

/**
 * The steps of a check, each within a deadline: what one gives, or null where it failed, which is kept as a problem.
 * A source that hangs is asked nothing more, and a failure that is met again, as every step meets a server that is away,
 * is told once. Never rejects.
 */
export interface Steps {
  attempt<T>(step: Step<T>): Promise<T | null>
  /** What was met so far. */
  readonly problems: readonly Problem[]
}

export interface Step<T> {
  readonly where: string
  /** What could not be done, such as `cannot be counted`. */
  readonly failure: string
  readonly remedy: string
  readonly run: (signal: AbortSignal) => Promise<T>
}

export function createSteps(deadlineMs: number): Steps {
  const problems: Problem[] = []
  const told = new Set<string>()
  let hasHung = false
  return {
    problems,
    async attempt({ where, failure, remedy, run }) {
      if (hasHung) return null
      try {
        return await withinDeadline(deadlineMs, run)
      } catch (thrown) {
        hasHung = thrown instanceof DeadlineError
        const reason = reasonOf(thrown)
        if (!told.has(reason)) problems.push({ where, what: `${failure}: ${reason}`, remedy })
        told.add(reason)
        return null
      }
    },
  }
}
