import type { Clock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { liesAhead } from '../model/time-ahead.ts'
import type { MeasuredTotals, Observation } from '../recovery/lifecycle/observation.ts'
import { type AnyRelation, type Connector, WriteAccepted } from './connector.ts'
import { DeadlineError, withinDeadline } from './deadline.ts'

/**
 * Looks at a restored system for its evidence, through its connector and within a deadline for each step. Gives what
 * could be seen; what could not is missing and said, never thrown. A system that hangs is asked nothing more.
 */
export interface Examination {
  readonly connector: Connector
  readonly relations: readonly AnyRelation[]
  /** Names of the relations to measure; one that is not the system's stays unmeasured. */
  readonly names: readonly string[]
  readonly deadlineMs: number
  readonly clock: Clock
}

export function aheadText(asOf: string): string {
  return `the data is said to be as of ${asOf}, which lies ahead`
}

export async function examineSystem(examination: Examination): Promise<Omit<Observation, 'reads'>> {
  const { connector, relations, names, deadlineMs, clock } = examination
  const at = new Date(clock.now()).toISOString()
  const problems: string[] = []
  let hasHung = false
  let writeAccepted = false
  /** What a step gives, or null where it failed; why stands in the problems. After one that hung, none is tried. */
  async function attempt<T>(what: string, step: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    if (hasHung) return null
    try {
      return await withinDeadline(deadlineMs, step)
    } catch (thrown) {
      hasHung = thrown instanceof DeadlineError
      if (thrown instanceof WriteAccepted) writeAccepted = true
      problems.push(`${what}: ${ensureError(thrown).message}`)
      return null
    }
  }

  const proven = await attempt('proof', async signal => {
    await connector.probe(relations, signal)
    return true
  })
  const asOf = await attempt('freshness', async signal => {
    const time = await connector.freshness(signal)
    if (liesAhead(time, clock.now())) throw new Error(aheadText(time))
    return time
  })
  // Without a prototype: names come from statements.
  const totals: Record<string, MeasuredTotals> = Object.create(null)
  for (const name of names) {
    const relation = relations.find(known => known.name === name)
    if (relation === undefined) continue
    const measured = await attempt(`totals of ${name}`, signal => connector.totals(relation, signal))
    if (measured !== null) totals[name] = { rows: measured.rows, sums: measured.sums }
  }
  return {
    at,
    asOf,
    readOnlyProven: proven === true,
    writeAccepted,
    totals,
    failure: problems.length > 0 ? problems.join('; ') : null,
  }
}
