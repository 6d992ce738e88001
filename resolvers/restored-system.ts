import type { ContinuityObjectives, RestoredSystemResolvers } from '../src/graphql/schema.generated.ts'
import { isServed } from '../src/recovery/lifecycle/served.ts'
import { componentStatusOf, isReopening } from '../src/recovery/reading/component-status.ts'
import { shownProvenanceOf } from '../src/recovery/reading/provenance.ts'
import type { SystemState } from '../src/recovery/system-state.ts'

export const RestoredSystem: RestoredSystemResolvers = {
  id: system => system.key,
  componentStatus: (system, _, { knowledge }) =>
    componentStatusOf(system.lifecycle, {
      isDegraded: knowledge.isDegraded(system.key),
      isReopening: isReopening(system, knowledge.restart().plannedReopenings),
    }),
  answersViewer: (system, _, { facts }) => isServed(system, facts.wave),
  provenance: (system, _, { knowledge }) => shownProvenanceOf(system, knowledge.lastAsOf(system.key)),
  objectives: system => objectivesOf(system),
  evidence: (system, _, { knowledge }) => knowledge.evidence(system.key),
  lastTransition: system => {
    const last = system.transitions.at(-1)
    return last ? { ...last, statementDigest: last.digest } : null
  },
}

/** What was promised, and what was reached by the restore itself. */
function objectivesOf({ objectives, disruptedAt, restoration }: SystemState): ContinuityObjectives | null {
  if (objectives === null) return null
  const restoredAt = restoration?.completedAt ?? null
  return {
    ...objectives,
    disruptedAt,
    restoredAt,
    recoveryTimeAchieved: disruptedAt === null || restoredAt === null ? null : durationBetween(disruptedAt, restoredAt),
    recoveryPointAchieved: restoration?.recoveryPoint ?? null,
  }
}

/** ISO 8601 in days, hours, minutes and whole seconds, such as `P23DT6H`; null where the end is before the start. */
function durationBetween(start: string, end: string): string | null {
  const seconds = Math.floor((Date.parse(end) - Date.parse(start)) / 1_000)
  if (seconds < 0) return null
  if (seconds === 0) return 'PT0S'
  const part = (amount: number, unit: string) => (amount > 0 ? `${amount}${unit}` : '')
  const days = part(Math.floor(seconds / 86_400), 'D')
  const time =
    part(Math.floor(seconds / 3_600) % 24, 'H') + part(Math.floor(seconds / 60) % 60, 'M') + part(seconds % 60, 'S')
  return `P${days}${time === '' ? '' : `T${time}`}`
}
