import { comparedFigure, numberText, type Outcome } from '../report/outcome.ts'
import { createMorning } from '../work/morning.ts'
import { answeringAll, type Bench, PEERS } from './bench.ts'
import { runClosedLoop } from './closed-loop.ts'
import { runOpenLoop } from './open-loop.ts'
import { prepareMany, writeRequests } from './prepared-requests.ts'
import { bestOf, failureNotes, figureFor, inRounds } from './rounds.ts'
import { type Latencies, latenciesOf, spreadOf } from './spread.ts'
import { perSecond, throughput, throughputTable } from './throughput.ts'

/**
 * The retail morning: first the most that each variant answers of it, caches on; then, at a constant rate of 60 % of the
 * best peer's most, how long partners wait.
 */

const PEAK_REQUESTS = 20_000
const SHARE_OF_PEAK = 0.6
/** The peak only sets the rate. */
const PEAK_ROUNDS = 1

interface Waiting {
  readonly latenciesMs: Latencies
  readonly failed: number
  readonly answeredPerSecond: number
  /** Upstream reads per request; null: the variant cannot tell. */
  readonly readsPerRequest: number | null
}

export async function measureMorning(bench: Bench): Promise<Outcome> {
  const { site, pace, directory } = bench
  const names = answeringAll(bench.variants)
  const requestsFile = await writeRequests(
    directory,
    'morning',
    await prepareMany(site, PEAK_REQUESTS, createMorning(site, 1)),
  )
  const peaks = await throughput(bench, {
    label: 'morning, peak',
    names,
    cached: true,
    requestsFile,
    rounds: PEAK_ROUNDS,
  })
  const peak = bestOf(peaks.measured, PEERS, perSecond, 'more') ?? figureFor(peaks.measured, 'gateway', perSecond)
  if (peak === null) throw new Error('no variant could be asked')
  const requestsPerSecond = Math.max(1, Math.round(peak.value * SHARE_OF_PEAK))

  const next = createMorning(site, 3)
  const first = await prepareMany(site, requestsPerSecond, next)
  const asked = await prepareMany(site, requestsPerSecond * pace.morningSeconds, next)
  const rounds = await inRounds<Waiting>(bench, {
    label: `morning at ${requestsPerSecond}/s`,
    names,
    cached: true,
    async measure(variant) {
      const at = (requests: typeof asked) => ({
        url: variant.url,
        requestsPerSecond,
        seconds: requests.length / requestsPerSecond,
        request: (n: number) => requests[n] ?? { token: '', body: '' },
      })
      // Flat out: the first thousands of requests cost twice as much, and at the rate it would be those that are measured.
      await runClosedLoop({ url: variant.url, pids: variant.pids(), requestsFile, seconds: pace.morningWarmSeconds })
      // For the generator's own code, and what the change of pace costs.
      await runOpenLoop(at(first))
      const before = await variant.reads()
      const { latenciesMs, failed, answeredPerSecond } = await runOpenLoop(at(asked))
      const after = await variant.reads()
      return {
        latenciesMs: latenciesOf(latenciesMs),
        failed,
        answeredPerSecond,
        readsPerRequest: before === null || after === null ? null : (after - before) / asked.length,
      }
    },
  })
  const { measured } = rounds
  const p99 = (runs: readonly Waiting[]) => spreadOf(runs.map(({ latenciesMs }) => latenciesMs.p99)).median
  return {
    measure: 'morning',
    figures: [
      comparedFigure({
        what: `retail morning at ${requestsPerSecond}/s, p99 to the best peer`,
        ours: figureFor(measured, 'gateway', p99)?.value ?? null,
        against: bestOf(measured, PEERS, p99, 'less'),
        unit: 'ms',
        reach: { most: 0.5 },
      }),
    ],
    tables: [
      {
        title: `Retail morning, ${requestsPerSecond} requests/s: milliseconds from when a request was due`,
        columns: ['variant', 'p50', 'p99', 'p99.9', 'p99 least', 'p99 most', 'answered/s', 'failed', 'reads/request'],
        rows: measured.map(({ name, runs }) => {
          const over = (value: (run: Waiting) => number) => spreadOf(runs.map(value))
          const { median, least, most } = over(({ latenciesMs }) => latenciesMs.p99)
          const reads = runs.flatMap(({ readsPerRequest }) => readsPerRequest ?? [])
          return [
            name,
            ...[over(run => run.latenciesMs.p50).median, median, over(run => run.latenciesMs.p999).median].map(
              numberText,
            ),
            ...[least, most, over(run => run.answeredPerSecond).median, over(run => run.failed).median].map(numberText),
            reads.length === 0 ? '–' : numberText(spreadOf(reads).median),
          ]
        }),
      },
      throughputTable('Retail morning: the most that is answered, caches on', peaks.measured),
    ],
    notes: [
      `The rate is ${SHARE_OF_PEAK * 100} % of the best peer's most (${peak.name}). A variant that answers fewer a second has a queue that grows.`,
      ...failureNotes(peaks, 'morning, peak'),
      ...failureNotes(rounds, 'morning'),
    ],
    raw: { requestsPerSecond, peaks, rounds },
  }
}
