import { comparedFigure, numberText, type Outcome } from '../report/outcome.ts'
import { RESTART } from '../work/documents.ts'
import { ask, partnerAt } from '../work/questions.ts'
import type { Bench } from './bench.ts'
import { type ClosedLoop, runClosedLoop } from './closed-loop.ts'
import { createDistinctQuestions } from './distinct-questions.ts'
import type { PreparedRequest } from './open-loop.ts'
import { prepareMany, writeRequests } from './prepared-requests.ts'
import { spreadOf } from './spread.ts'
import { type TunedGateway, withGateway } from './tuned-gateway.ts'

/**
 * What a hit costs as the gateway grows: with the clients who ask, and with the answers that it keeps. The levels take
 * turns, so that a process that has run for longer, or a machine that grows slower, favours none.
 */

const FEW_CLIENTS = 10
const MANY_CLIENTS = 10_000
const FEW_ENTRIES = 1_000
const GIB = 2 ** 30
/** Room for a million of each. */
const ROOMY = { responseCache: { bytes: 6 * GIB, questionBytes: 4 * GIB } }
/** A turn starts no process and is short, so there are more of them than rounds. */
const TURNS = 2
const MOST_WARM_TURNS = 5
/** Sent last, they may not have been answered when the time to fill was over. */
const UNCERTAIN = 256

interface Level {
  readonly size: number
  readonly runs: readonly ClosedLoop[]
}

/** What is asked for a level, and whom. */
interface Asked {
  readonly size: number
  readonly gateway: TunedGateway
  readonly file: string
  /** Requests in the file. */
  readonly distinct: number
}

export async function measureGrowth(bench: Bench): Promise<Outcome> {
  const clients = await withGateway(bench, {}, gateway => byClients(bench, gateway))
  const entries = await byEntries(bench)
  const partners = bench.site.retailers.length + bench.site.suppliers.length
  return {
    measure: 'growth',
    figures: [figureOf(`clients of ${numberText(partners)} partners`, clients), figureOf('cache entries', entries)],
    tables: [
      tableOf('Growth: cost of a hit by clients who ask', clients),
      tableOf('Growth: cost of a hit by answers kept', entries),
    ],
    notes: [
      `The figure asks for ${numberText(MANY_CLIENTS)} partners. ${numberText(partners)} are granted here, each with several clients: as many ` +
        'tokens and viewers to know, but fewer budgets to keep.',
      ...shortOf(entries, bench.pace.cacheEntries, `answers were kept after ${bench.pace.fillSeconds} s`),
      'Each level asks a thousand answers out of all that are kept, so that the load generator does the same at every level.',
    ],
    raw: { partners, clients, entries },
  }
}

/** What was measured is in the row; what the figure asks for is said where that is more. */
function shortOf(levels: readonly Level[], wanted: number, there: string): readonly string[] {
  const most = levels.at(-1)?.size ?? 0
  return most < wanted ? [`${numberText(most)} ${there}; the figure asks for ${numberText(wanted)}.`] : []
}

/** The same question of ever more clients; many of them share its answer, each is known by a token of its own. */
async function byClients(bench: Bench, gateway: TunedGateway): Promise<readonly Level[]> {
  const { site, directory } = bench
  const { clients } = site
  const sizes = [FEW_CLIENTS, Math.min(MANY_CLIENTS, clients.length)]
  const levels = await Promise.all(
    sizes.map(async size => {
      let place = 0
      const requests = await prepareMany(site, size, () => ask({ client: clients[place++] ?? '' }, RESTART))
      return { size, gateway, distinct: size, file: await writeRequests(directory, `clients-${size}`, requests) }
    }),
  )
  for (const level of levels) await warmUp(bench, level)
  return inTurns(bench, 'growth: clients', levels)
}

/** Two processes of the same age, each with its answers; the one that is not asked is idle. */
async function byEntries(bench: Bench): Promise<readonly Level[]> {
  const { pace } = bench
  return withGateway(bench, { settings: ROOMY }, few =>
    withGateway(bench, { settings: ROOMY }, async many => {
      const levels = [await filled(bench, many, pace.cacheEntries), await filled(bench, few, FEW_ENTRIES)].toReversed()
      for (const level of levels) await warmUp(bench, level)
      return inTurns(bench, 'growth: answers kept', levels)
    }),
  )
}

/** Asks up to so many questions, as far as it comes in the time there is for it, and makes hits of them. */
async function filled(bench: Bench, gateway: TunedGateway, count: number): Promise<Asked> {
  const { site, pace, directory, progress } = bench
  progress(`growth: filling to ${numberText(count)} answers, ${pace.fillSeconds} s at most`)
  const distinct = await createDistinctQuestions(bench, partnerAt(site.retailers, 0))
  const { requests: size, cpuMicrosecondsPerRequest } = await distinct.send(gateway, {
    from: 0,
    count,
    seconds: pace.fillSeconds,
  })
  progress(`growth: ${numberText(size)} answers, at ${numberText(cpuMicrosecondsPerRequest)} µs each`)
  const asked: PreparedRequest[] = []
  for (let n = 0; n < FEW_ENTRIES; n++)
    asked.push(await distinct.request(Math.floor((n * Math.max(1, size - UNCERTAIN)) / FEW_ENTRIES)))
  return { size, gateway, distinct: FEW_ENTRIES, file: await writeRequests(directory, `entries-${count}`, asked) }
}

/** Until everything was asked twice: tokens are known then, and questions are answered the short way. */
async function warmUp({ pace }: Bench, { gateway, file, distinct }: Asked): Promise<void> {
  for (let asked = 0, turn = 0; asked < distinct * 2 && turn < MOST_WARM_TURNS; turn++)
    asked += (await timeHits(gateway, file, pace.warmSeconds * 3)).requests
}

function timeHits({ url, pids }: TunedGateway, requestsFile: string, seconds: number): Promise<ClosedLoop> {
  return runClosedLoop({ url, pids: pids(), requestsFile, seconds })
}

/** Level by level, the order reversed every round. */
async function inTurns(
  { rounds, pace, progress }: Bench,
  label: string,
  levels: readonly Asked[],
): Promise<readonly Level[]> {
  const runs = new Map<number, ClosedLoop[]>(levels.map(({ size }) => [size, []]))
  for (let round = 0; round < rounds * TURNS; round++) {
    for (const { size, gateway, file } of round % 2 === 0 ? levels : levels.toReversed()) {
      progress(`${label}: round ${round + 1} of ${rounds * TURNS}, ${numberText(size)}`)
      runs.get(size)?.push(await timeHits(gateway, file, pace.runSeconds))
    }
  }
  return [...runs].map(([size, runs]) => ({ size, runs }))
}

const cost = ({ runs }: Level): number =>
  spreadOf(runs.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest)).median

function figureOf(what: string, levels: readonly Level[]) {
  const [few, many] = [levels[0], levels.at(-1)]
  if (few === undefined || many === undefined) throw new RangeError('no level was measured')
  return comparedFigure({
    what: `${what} ${numberText(few.size)} → ${numberText(many.size)}: processor time of a hit`,
    ours: cost(many),
    against: { name: `at ${numberText(few.size)}`, value: cost(few) },
    unit: 'µs',
    reach: { most: 1.15 },
  })
}

function tableOf(title: string, levels: readonly Level[]) {
  return {
    title,
    columns: ['', 'CPU µs/request', 'requests/s', 'p99 ms'],
    rows: levels.map(level => {
      const over = (value: (run: ClosedLoop) => number) => spreadOf(level.runs.map(value)).median
      return [
        numberText(level.size),
        ...[cost(level), over(run => run.requestsPerSecond), over(run => run.p99Ms)].map(numberText),
      ]
    }),
  }
}
