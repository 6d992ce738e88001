import type { RecoveryState } from '../../state.ts'
import type { AcceptedStatement } from '../accepted.ts'
import { withAutomaticClosing } from './automatic-closing.ts'
import { withBacklogMeasure } from './backlog-measure.ts'
import { withIncidentFact } from './incident-fact.ts'
import { withIndicatorReport } from './indicator-report.ts'
import { withTransition } from './lifecycle-transition.ts'
import { withPlannedReopening } from './planned-reopening.ts'
import { withRestartUpdate } from './restart-update.ts'
import { withAttestation } from './restore-attestation.ts'
import { withRevocation } from './revocation.ts'
import { withSiteRestart } from './site-restart.ts'

/** What an accepted statement makes of the state: one function a kind. Called by the fold alone. */
export function apply(state: RecoveryState, entry: AcceptedStatement): RecoveryState {
  const { statement, recordedAt } = entry
  switch (statement.kind) {
    case 'restore-attestation':
      return withAttestation(state, statement, recordedAt)
    case 'lifecycle-transition':
      return withTransition(state, statement, entry)
    case 'incident-fact':
      return withIncidentFact(state, statement, recordedAt)
    case 'partner-grant':
      // The fold takes the grants of all its entries at once: a copy of the registry for each would be dear.
      return state
    case 'restart-update':
      return withRestartUpdate(state, statement)
    case 'planned-reopening':
      return withPlannedReopening(state, statement, recordedAt)
    case 'site-restart':
      return withSiteRestart(state, statement, recordedAt)
    case 'backlog-measure':
      return withBacklogMeasure(state, statement)
    case 'indicator-report':
      return withIndicatorReport(state, statement, recordedAt)
    case 'revocation':
      return withRevocation(state, statement, recordedAt)
    case 'automatic-closing':
      return withAutomaticClosing(state, statement)
    default:
      return statement satisfies never
  }
}
