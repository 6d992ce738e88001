import type { RecoveryState } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'

/** Replaces what is known of the intrusion; the fold then closes the systems whose backups it makes dirty. */
export function withIncidentFact(
  state: RecoveryState,
  { claims }: StatementOf<'incident-fact'>,
  recordedAt: string,
): RecoveryState {
  return {
    ...state,
    intrusion: {
      revision: claims.revision,
      earliestIntrusionAt: claims.earliest_intrusion_at,
      confidence: claims.confidence,
      indicatorsDatedAt: claims.indicators_dated_at ?? null,
      statedAt: recordedAt,
    },
  }
}
