import { setTimeout } from 'node:timers/promises'
import { quantile } from './figures.ts'

/**
 * Requests that arrive at a constant rate, whatever becomes of those before them. Each is timed from when it was due, so
 * that a gateway that stands still is not spared the requests that would have come meanwhile.
 */
export interface Arrivals {
  /** Lets no more arrive, waits for what is in flight, and gives what came of everything. */
  stop(): Promise<readonly Arrival[]>
}

export interface Arrival {
  /** Of `performance.now()`. */
  readonly dueMs: number
  readonly tookMs: number
  /** What came of it, in the words of whoever asked; `LOST: …` where asking failed. */
  readonly outcome: string
}

export interface ArrivalsOptions {
  readonly perSecond: number
  /** Asks the n-th request, and says in a word what came of it. */
  readonly ask: (n: number) => Promise<string>
}

/** Nobody waits for it to end where a test has failed and does not stop it. */
const LOOK_MS = 2

export function startArrivals({ perSecond, ask }: ArrivalsOptions): Arrivals {
  const startedMs = performance.now()
  const arrivals: Arrival[] = []
  const inFlight = new Set<Promise<void>>()
  let isStopping = false
  let sent = 0

  async function arrive(n: number, dueMs: number): Promise<void> {
    const outcome = await ask(n).catch((thrown: unknown) => `LOST: ${thrown}`)
    arrivals.push({ dueMs, tookMs: performance.now() - dueMs, outcome })
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const due = ((performance.now() - startedMs) / 1_000) * perSecond
      for (; sent < due; sent += 1) {
        const request = arrive(sent, startedMs + (sent / perSecond) * 1_000)
        inFlight.add(request)
        void request.finally(() => inFlight.delete(request))
      }
      await setTimeout(LOOK_MS, undefined, { ref: false })
    }
    await Promise.all(inFlight)
  }

  const running = run()
  return {
    async stop() {
      isStopping = true
      await running
      return arrivals
    },
  }
}

/** How often each outcome came, the most frequent first. */
export function tally(arrivals: readonly Pick<Arrival, 'outcome'>[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const { outcome } of arrivals) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}

export function latency(arrivals: readonly Pick<Arrival, 'tookMs'>[]) {
  const times = arrivals.map(({ tookMs }) => tookMs)
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), slowestMs: Math.max(...times) }
}
