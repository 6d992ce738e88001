import type { RecoveryState } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import type { BacklogMeasure } from '../../system-state.ts'
import { put } from './ordered-list.ts'
import { changeSubject } from './system-change.ts'

/** How many measurements are kept of each backlog: a month of daily ones. */
const KEPT_MEASUREMENTS = 30

/** Adds a measurement to its backlog; one that was made before the latest only adds to the history. */
export function withBacklogMeasure(state: RecoveryState, { claims }: StatementOf<'backlog-measure'>): RecoveryState {
  const { name, measured_at: measuredAt, open } = claims
  return changeSubject(state, claims, system => {
    const known = system.backlog.find(measure => measure.name === name)
    const isLatest = known === undefined || Date.parse(known.measuredAt) <= Date.parse(measuredAt)
    const earlier = (known?.history ?? []).filter(one => one.measuredAt !== measuredAt)
    const history = [...earlier, { measuredAt, open }]
      .toSorted((one, other) => Date.parse(one.measuredAt) - Date.parse(other.measuredAt))
      .slice(-KEPT_MEASUREMENTS)
    const latest: BacklogMeasure = isLatest
      ? {
          name,
          concerns: claims.concerns ?? null,
          measuredAt,
          open,
          clearedLast24h: claims.cleared_last_24h,
          oldest: claims.oldest ?? null,
          history,
        }
      : { ...known, history }
    return { ...system, backlog: put(system.backlog, latest, measure => measure.name === name, byName) }
  })
}

function byName(one: BacklogMeasure, other: BacklogMeasure): number {
  return one.name < other.name ? -1 : 1
}
