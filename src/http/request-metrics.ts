import type { Counters } from '../observe/counters.ts'
import type { Gauge } from '../observe/gauges.ts'
import type { Exchange } from './exchange.ts'

/**
 * Counts every request by its operation, the partner's class and the way it was answered: how many, how long, and how many
 * failed for what. Called by the server once for each request. Names that partners choose are bounded in number, for all
 * and for each partner, so that nobody can fill the metrics, nor push another's operations out of them.
 */
export interface RequestMetrics {
  /** When the connection has let go of the answer. */
  take(exchange: Exchange): void
  readonly gauges: readonly Gauge[]
}

export interface RequestMetricsOptions {
  /** Names of operations that always have a series of their own: those of the trusted documents. */
  readonly operations: Iterable<string>
  readonly counters: Pick<Counters, 'counter' | 'timer'>
  /** Milliseconds, of `performance.now()`. */
  readonly now: () => number
}

/** Of trusted documents, and of any others. */
const MAX_TRUSTED = 200
const MAX_OTHERS = 50
const MAX_OTHERS_OF_A_PARTNER = 10
/** For how long a partner counts as refused. */
const REFUSED_MS = 300_000

interface Series {
  /** By the way it was answered. */
  readonly durations: Map<string, (seconds: number) => void>
  /** By error code. */
  readonly errors: Map<string, () => void>
}

/** The series of an operation, by the partner's class. */
type Operation = Map<string, Series>

export function createRequestMetrics({ operations, counters, now }: RequestMetricsOptions): RequestMetrics {
  const known = new Map<string, Operation>()
  for (const name of operations) if (known.size < MAX_TRUSTED) known.set(name, new Map())
  const maxKnown = known.size + MAX_OTHERS
  const ofPartners = new Map<string, number>()
  /** When each partner was last refused for its share: no more of them than the registry has. */
  const refusedMs = new Map<string, number>()
  const none: Operation = new Map()
  const other: Operation = new Map()

  /** The label, and its series. */
  function operationOf(name: string | null, partner: string | null): readonly [string, Operation] {
    if (name === null) return ['none', none]
    const found = known.get(name)
    if (found !== undefined) return [name, found]
    const asked = partner === null ? MAX_OTHERS_OF_A_PARTNER : (ofPartners.get(partner) ?? 0)
    if (partner === null || known.size >= maxKnown || asked >= MAX_OTHERS_OF_A_PARTNER) return ['other', other]
    ofPartners.set(partner, asked + 1)
    const made: Operation = new Map()
    known.set(name, made)
    return [name, made]
  }

  function refusedLately(): number {
    for (const [partner, atMs] of refusedMs) if (now() - atMs > REFUSED_MS) refusedMs.delete(partner)
    return refusedMs.size
  }

  return {
    take({ startedMs, audit }) {
      const role = audit.role ?? 'none'
      const [operation, classes] = operationOf(audit.operation, audit.partner)
      let series = classes.get(role)
      if (series === undefined) {
        series = { durations: new Map(), errors: new Map() }
        classes.set(role, series)
      }
      // A stream is as long as its client likes.
      if (audit.stream === null) {
        const answer = audit.lastKnown.size > 0 ? 'LAST_KNOWN_GOOD' : (audit.answer ?? 'NONE')
        let takeDuration = series.durations.get(answer)
        if (takeDuration === undefined) {
          takeDuration = counters.timer('request_duration_seconds', { operation, role, answer: answer.toLowerCase() })
          series.durations.set(answer, takeDuration)
        }
        takeDuration((now() - startedMs) / 1_000)
      }
      for (const code of audit.codes) {
        let count = series.errors.get(code)
        if (count === undefined) {
          count = counters.counter('request_errors', { operation, role, code })
          series.errors.set(code, count)
        }
        count()
        if (code === 'RATE_LIMITED' && audit.partner !== null) refusedMs.set(audit.partner, now())
      }
    },
    gauges: [{ name: 'rate_limited_partners', read: () => [{ value: refusedLately() }] }],
  }
}
