import type { Clock } from '../../model/clock.ts'
import { LIFECYCLES, SYSTEM_KEYS } from '../../model/system.ts'
import type { Gauge } from '../../observe/gauges.ts'
import type { Restart } from '../restart.ts'

/** What is watched of the restart: how far the journal is read, and how long each system's evidence still holds. */
export function restartGauges(
  { recovery, health, evidenceUntil }: Pick<Restart, 'recovery' | 'health' | 'evidenceUntil'>,
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
    {
      name: 'system_lifecycle',
      read: () =>
        SYSTEM_KEYS.map(system => {
          const { lifecycle } = recovery.current().state.systems[system]
          return { labels: { system, lifecycle }, value: LIFECYCLES.indexOf(lifecycle) }
        }),
    },
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
