import { cpus } from 'node:os'
import { comparedFigure, numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import { hotQuestion } from '../work/questions.ts'
import type { Bench } from './bench.ts'
import { type ClosedLoop, runClosedLoop } from './closed-loop.ts'
import { prepare, writeRequests } from './prepared-requests.ts'
import { spreadOf } from './spread.ts'
import { withGateway } from './tuned-gateway.ts'

/**
 * One process against two, all hits. What two processes do on two cores that they have to themselves is told by the
 * processor time that a request costs; what they do beside the load generator, where it has no core of its own, as well.
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
    // Several count budgets together; one does so here as well, and the number of processes is all that differs.
    const settings = { sharedStore: { url: await site.sharedStoreUrl() } }
    for (let round = 0; round < rounds; round++) {
      for (const workers of round % 2 === 0 ? COUNTS : COUNTS.toReversed()) {
        progress(`processes: round ${round + 1} of ${rounds}, ${workers}`)
        const run = await withGateway(bench, { workers, cpu: null, settings }, async ({ url, pids }) => {
          // Each process compiles for itself, and two have half the requests each.
          await runClosedLoop({ url, pids: pids(), requestsFile, seconds: pace.warmSeconds * 4 })
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
  const perCpuSecond = (workers: number) => 1_000_000 / cpu(workers)
  const cores = cpus().length
  return {
    measure: 'processes',
    figures: [
      comparedFigure({
        what: `${WHAT}, load generator aside: requests per second of processor time, times the processes`,
        ours: 2 * perCpuSecond(2),
        against: { name: 'one process', value: perCpuSecond(1) },
        unit: '/s',
        reach: { least: 1.8 },
      }),
    ],
    tables: [
      {
        title: 'Processes: all hits',
        columns: ['processes', 'requests/s beside wrk', 'CPU µs/request', 'p99 ms'],
        rows: counts.map(({ workers }) => [
          String(workers),
          ...[perSecond(workers), cpu(workers), of(workers, run => run.p99Ms)].map(numberText),
        ]),
      },
    ],
    notes: [
      `The gateway may use every core of ${cores} here, and wrk has one of them. Where that leaves less than two to the gateway, throughput ` +
        'cannot double as it comes; what two processes do on two cores of their own follows from the processor time of a ' +
        'request, of the workers and of the process above them. Memory bandwidth that both would share is not in it.',
    ],
    raw: counts,
  }
}
