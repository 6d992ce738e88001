import { distrusting, suspended } from '../../lifecycle/suspension.ts'
import type { RecoveryState } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { changeSubject } from './system-change.ts'

/** Closes the system at once, whatever else speaks for it. Its automatic closing is still to be written. */
export function withIndicatorReport(
  state: RecoveryState,
  { claims, signedBy }: StatementOf<'indicator-report'>,
  recordedAt: string,
): RecoveryState {
  const { reference, distrust_since: distrustSince = null } = claims
  return changeSubject(state, claims, before => {
    const system = { ...before, indicators: [...before.indicators, { reportedAt: recordedAt, reference }] }
    const closed = suspended(system, {
      cause: 'INDICATOR_REPORTED',
      reason: `${signedBy.name} (${signedBy.role}) reported an indicator of compromise: ${reference}.`,
      at: recordedAt,
      distrustSince,
      recorded: false,
    })
    // A system that serves nothing yet may have served what was read from it before.
    return closed === system && distrustSince !== null ? distrusting(system, distrustSince) : closed
  })
}
