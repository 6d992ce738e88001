import type { Clock } from '../../model/clock.ts'
import { LIFECYCLES, SYSTEM_KEYS } from '../../model/system.ts'
import type { Gauge } from '../../observe/gauges.ts'
import { isServed } from '../lifecycle/served.ts'
import type { Recovery } from '../recovery.ts'
import type { Restart } from '../restart.ts'
import type { SystemState } from '../system-state.ts'

/** What is watched of the restart: how far the journal is read and proven, and how long each system's evidence holds. */
export function restartGauges(
  { health, checkpointWaitMs, evidenceUntil }: Pick<Restart, 'health' | 'checkpointWaitMs' | 'evidenceUntil'>,
  clock: Clock,
): readonly Gauge[] {
  const secondsSince = (instant: string) => (clock.now() - Date.parse(instant)) / 1_000
  return [
    { name: 'journal_sequence', read: () => [{ value: health().sequence }] },
    {
      name: 'journal_silence_seconds',
      read: () => {
        const { lastReadAt } = health()
        return lastReadAt === null ? [] : [{ value: secondsSince(lastReadAt) }]
      },
    },
    {
      name: 'journal_condition',
      read: () => [{ labels: { condition: health().condition.toLowerCase() }, value: 1 }],
    },
    { name: 'journal_uncovered_seconds', read: () => [{ value: checkpointWaitMs() / 1_000 }] },
    {
      name: 'evidence_seconds_left',
      read: () =>
        SYSTEM_KEYS.flatMap(system => {
          const until = evidenceUntil(system)
          return until === null ? [] : [{ labels: { system }, value: -secondsSince(until) }]
        }),
    },
  ]
}

/** What is watched of each system's lifecycle, wherever its state comes from. */
export function lifecycleGauges(recovery: Pick<Recovery, 'current'>): readonly Gauge[] {
  const states = () => SYSTEM_KEYS.map(system => [system, recovery.current().state.systems[system]] as const)
  return [
    {
      name: 'system_lifecycle',
      read: () =>
        states().map(([system, { lifecycle }]) => ({
          labels: { system, lifecycle },
          value: LIFECYCLES.indexOf(lifecycle),
        })),
    },
    {
      name: 'system_serving',
      read: () => states().map(([system, state]) => ({ labels: { system }, value: servedBy(state) })),
    },
    {
      name: 'system_suspension',
      read: () =>
        states().flatMap(([system, { suspension }]) =>
          suspension === null ? [] : [{ labels: { system, cause: suspension.cause }, value: 1 }],
        ),
    },
  ]
}

/** 0: nobody, 1: some waves, 2: all. */
function servedBy({ lifecycle, waves }: SystemState): number {
  if (lifecycle === 'LIMITED_OPEN') return waves.length > 0 ? 1 : 0
  return isServed({ lifecycle, waves }, null) ? 2 : 0
}
