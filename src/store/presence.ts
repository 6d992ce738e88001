import type { Clock } from '../model/clock.ts'
import type { Log } from '../observe/log.ts'

/**
 * Whether the shared store is there, said in the log once as it goes and once as it comes back, however many
 * connections lead to it. Told by each connection.
 */
export interface Presence {
  away(reason: string): void
  here(): void
  /** It answers, and refuses this. */
  refused(operation: string, reason: string): void
}

/** What a server refuses while it answers is logged no more often. */
const REFUSAL_LOG_MS = 60_000

/** Of all these connections, each under its name: the store is there while all of them are. */
export function reportPresence<N extends string>(
  names: readonly N[],
  log: Pick<Log, 'info' | 'warn'>,
  clock: Clock,
): Readonly<Record<N, Presence>> {
  const missing = new Set<N>(names)
  let isReported = false
  let refusalLoggedAt = Number.NEGATIVE_INFINITY
  const presenceOf = (name: N): Presence => ({
    away(reason) {
      missing.add(name)
      if (isReported) return
      isReported = true
      log.warn(
        { connection: name, reason },
        'the shared store is away: each instance goes on with what it holds itself',
      )
    },
    here() {
      missing.delete(name)
      if (missing.size > 0) return
      isReported = false
      log.info({}, 'the shared store answers')
    },
    refused(operation, reason) {
      if (clock.now() - refusalLoggedAt < REFUSAL_LOG_MS) return
      refusalLoggedAt = clock.now()
      log.warn({ operation, reason }, 'the shared store refuses')
    },
  })
  return Object.fromEntries(names.map(name => [name, presenceOf(name)])) as Record<N, Presence>
}
