import { suspended } from '../../lifecycle/suspension.ts'
import type { RecoveryState } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { changeSubject } from './system-change.ts'

/** Records that the gateway has closed a system; closes it where this has not been seen here yet. */
export function withAutomaticClosing(
  state: RecoveryState,
  { claims }: StatementOf<'automatic-closing'>,
): RecoveryState {
  const { cause, reason, closed_at: at, distrust_since: distrustSince = null } = claims
  return changeSubject(state, claims, system => suspended(system, { cause, reason, at, distrustSince, recorded: true }))
}
