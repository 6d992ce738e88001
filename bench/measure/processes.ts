import { comparedFigure, numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import { hotQuestion } from '../work/questions.ts'
import type { Bench } from './bench.ts'
import { type ClosedLoop, runClosedLoop } from './closed-loop.ts'
import { prepare, writeRequests } from './prepared-requests.ts'
import { spreadOf } from './spread.ts'
import { withGateway } from './tuned-gateway.ts'

/**
 * One process against two, all hits. The load generator needs a core of its own to show it as throughput; where there are
 * two cores only, processor time per request shows what a second process adds: nothing, if it is the same.
 */

const COUNTS = [1, 2] as const

interface Count {
  readonly workers: number
  readonly runs: readonly ClosedLoop[]
}

export async function measureProcesses(bench: Bench): Promise<Outcome> {
  const { site, directory, pace, rounds, progress } = bench
  const requestsFile = await writeRequests(directory, 'processes', [await prepare(site, hotQuestion(site))])
  const runs = new Map<number, ClosedLoop[]>(COUNTS.map(workers => [workers, []]))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const workers of round % 2 === 0 ? COUNTS : COUNTS.toReversed()) {
        progress(`processes: round ${round + 1} of ${rounds}, ${workers}`)
        const run = await withGateway(bench, { workers, cpu: null }, async ({ url, pids }) => {
          await runClosedLoop({ url, pids: pids(), requestsFile, seconds: pace.warmSeconds })
          return runClosedLoop({ url, pids: pids(), requestsFile, seconds: pace.runSeconds, connections: 64 })
        })
        runs.get(workers)?.push(run)
      }
    }
  } catch (thrown) {
    return notAvailable(thrown instanceof Error ? thrown.message : String(thrown))
  }
  return outcomeOf([...runs].map(([workers, runs]) => ({ workers, runs })))
}

const WHAT = '1 → 2 processes'

function notAvailable(reason: string): Outcome {
  return {
    measure: 'processes',
    figures: [plainFigure(WHAT, null, '×', { least: 1.8 })],
    tables: [],
    notes: [`Processes: not available: ${reason}`],
    raw: null,
  }
}

function outcomeOf(counts: readonly Count[]): Outcome {
  const of = (workers: number, value: (run: ClosedLoop) => number) =>
    spreadOf((counts.find(count => count.workers === workers)?.runs ?? []).map(value)).median
  const perSecond = (workers: number) => of(workers, run => run.requestsPerSecond)
  const cpu = (workers: number) => of(workers, run => run.cpuMicrosecondsPerRequest)
  return {
    measure: 'processes',
    figures: [
      comparedFigure({
        what: `${WHAT}, throughput, the load generator on the same cores`,
        ours: perSecond(2),
        against: { name: 'one process', value: perSecond(1) },
        unit: '/s',
        reach: { least: 1.8 },
      }),
      comparedFigure({
        what: `${WHAT}, processor time of a request`,
        ours: cpu(2),
        against: { name: 'one process', value: cpu(1) },
        unit: 'µs',
        reach: { most: Number((2 / 1.8).toFixed(2)) },
      }),
    ],
    tables: [
      {
        title: 'Processes: all hits',
        columns: ['processes', 'requests/s', 'CPU µs/request', 'p99 ms'],
        rows: counts.map(({ workers }) => [
          String(workers),
          ...[perSecond(workers), cpu(workers), of(workers, run => run.p99Ms)].map(numberText),
        ]),
      },
    ],
    notes: [
      'The gateway may use every core here, and wrk uses one of them. On two cores throughput cannot double: at the same processor ' +
        'time per request, two processes do twice the work on two cores that they have to themselves.',
    ],
    raw: counts,
  }
}
