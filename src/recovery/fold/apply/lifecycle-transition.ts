import { suspended } from '../../lifecycle/suspension.ts'
import type { RecoveryState } from '../../state.ts'
import type { TransitionClaims } from '../../statements/kinds/lifecycle-transition.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import type { SystemState } from '../../system-state.ts'
import type { AcceptedStatement } from '../accepted.ts'
import { backupOf } from './restore-claims.ts'
import { changeSubject } from './system-change.ts'

/** Takes a system a step further, with what the step says. The only thing that ever opens a system. */
export function withTransition(
  state: RecoveryState,
  statement: StatementOf<'lifecycle-transition'>,
  { sequence, recordedAt, guards }: Pick<AcceptedStatement, 'sequence' | 'recordedAt' | 'guards'>,
): RecoveryState {
  const { id, digest, signedBy, issuedAt, claims } = statement
  const { from, to } = claims
  const at = claims.occurred_at ?? issuedAt
  const transition = { from, to, at, recordedAt, sequence, statement: id, digest, signedBy, guards }
  return changeSubject(state, claims, system => {
    const transitions = [...system.transitions, transition]
    if (claims.to === 'SUSPENDED') {
      const reason = claims.reason ?? `Ordered by ${signedBy.name} (${signedBy.role}).`
      const { distrust_since: distrustSince = null, last_known_good: lastKnownGood = false } = claims
      const ordered = { cause: 'ORDERED', reason, at, distrustSince, lastKnownGood, recorded: true } as const
      return { ...suspended(system, ordered), transitions }
    }
    const entered: SystemState = {
      ...system,
      lifecycle: to,
      since: at,
      waves: [],
      suspension: null,
      distrusted: system.distrusted.map(({ since, until }) => ({ since, until: until ?? recordedAt })),
      transitions,
    }
    return { ...entered, ...factsOf(claims, system, at) }
  })
}

type Step = Exclude<TransitionClaims, { readonly to: 'SUSPENDED' }>

/** What a step changes besides the lifecycle. What it leaves unsaid stays as it was. */
function factsOf(claims: Step, system: SystemState, at: string): Partial<SystemState> {
  switch (claims.to) {
    case 'ISOLATED':
      return {
        disruptedAt: claims.disrupted_at ?? at,
        containment: null,
        restoration: null,
        attestations: [],
      }
    case 'CLEARED_FOR_RESTORE': {
      const { containment, priority, objectives } = claims
      return {
        ...(containment && {
          containment: { attestedAt: containment.attested_at, evidence: containment.evidence.sha256 },
        }),
        ...(priority !== undefined && { priority }),
        ...(objectives && {
          objectives: {
            recoveryTimeObjective: objectives.recovery_time_objective,
            recoveryPointObjective: objectives.recovery_point_objective,
            maximumTolerablePeriodOfDisruption: objectives.maximum_tolerable_period_of_disruption,
          },
        }),
      }
    }
    case 'RESTORING': {
      const { backup, environment } = claims
      const unfinished = { completedAt: null, manifest: null, recoveryPoint: null }
      const isSaid = backup !== undefined && environment !== undefined
      return {
        restoration: isSaid ? { backup: backupOf(backup), environment: environment.id, ...unfinished } : null,
        attestations: [],
      }
    }
    case 'QUARANTINED': {
      const { restore } = claims
      if (restore === undefined || system.restoration === null) return {}
      return {
        restoration: {
          ...system.restoration,
          completedAt: restore.completed_at,
          manifest: restore.manifest.sha256,
          recoveryPoint: restore.recovery_point ?? null,
        },
      }
    }
    case 'LIMITED_OPEN':
      return {
        waves: claims.waves ?? [],
        gap: claims.gap ?? system.gap,
        contact: claims.contact ?? system.contact,
        workaround: claims.workaround ?? system.workaround,
        knownLimitations: claims.known_limitations ?? system.knownLimitations,
        reconciledThrough: claims.reconciled_through ?? system.reconciledThrough,
      }
    case 'OPEN':
      return { reconciledThrough: claims.reconciled_through ?? system.reconciledThrough }
    case 'VERIFIED':
    case 'NORMAL_OPERATION':
      return {}
    default:
      return claims satisfies never
  }
}
