import type { PlannedReopening, RecoveryState } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { nameIn } from '../../statements/vocabulary.ts'
import { put } from './ordered-list.ts'

/** Publishes a planned reopening, in the place of an earlier one of the same name; the soonest first. */
export function withPlannedReopening(
  state: RecoveryState,
  { claims }: StatementOf<'planned-reopening'>,
  recordedAt: string,
): RecoveryState {
  const planned: PlannedReopening = {
    id: nameIn(claims.sub),
    system: claims.system ?? null,
    bpns: claims.site ?? null,
    waves: claims.waves,
    scheduledFor: claims.scheduled_for,
    scheduledUntil: claims.scheduled_until ?? null,
    status: claims.status,
    conditions: claims.conditions,
    recordedAt,
  }
  return {
    ...state,
    plannedReopenings: put(state.plannedReopenings, planned, ({ id }) => id === planned.id, soonestFirst),
  }
}

function soonestFirst(one: PlannedReopening, other: PlannedReopening): number {
  return Date.parse(one.scheduledFor) - Date.parse(other.scheduledFor) || (one.id < other.id ? -1 : 1)
}
