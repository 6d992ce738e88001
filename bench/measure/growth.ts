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

/** What a hit costs as the gateway grows: with the partners who ask, and with the answers that it keeps. */

const FEW_PARTNERS = 10
const MANY_PARTNERS = 10_000
const FEW_ENTRIES = 1_000
const GIB = 2 ** 30
/** Room for a million of each. */
const ROOMY = { responseCache: { bytes: 6 * GIB, questionBytes: 4 * GIB } }
const FILL_SECONDS = 240

interface Level {
  readonly size: number
  readonly runs: readonly ClosedLoop[]
}

export async function measureGrowth(bench: Bench): Promise<Outcome> {
  const partners = await withGateway(bench, {}, gateway => byPartners(bench, gateway))
  const entries = await withGateway(bench, { settings: ROOMY }, gateway => byEntries(bench, gateway))
  return {
    measure: 'growth',
    figures: [figureOf('partners', partners), figureOf('cache entries', entries)],
    tables: [
      tableOf('Growth: cost of a hit by partners who ask', partners),
      tableOf('Growth: cost of a hit by answers kept', entries),
    ],
    notes: [
      ...((partners.at(-1)?.size ?? 0) < MANY_PARTNERS
        ? [
            `This site has ${numberText(partners.at(-1)?.size ?? 0)} partners; the figure asks for ${numberText(MANY_PARTNERS)}.`,
          ]
        : []),
      'Each level asks a thousand answers out of all that are kept, so that the load generator does the same at every level.',
    ],
    raw: { partners, entries },
  }
}

/** The same question of ever more partners; many of them share its answer, each is known by a token of its own. */
async function byPartners(bench: Bench, gateway: TunedGateway): Promise<readonly Level[]> {
  const { site, directory } = bench
  const all = [...site.retailers, ...site.suppliers]
  const sizes = [FEW_PARTNERS, Math.min(MANY_PARTNERS, all.length)]
  const files = await Promise.all(
    sizes.map(async size => {
      let place = 0
      const requests = await prepareMany(site, size, () => ask(partnerAt(all, place++), RESTART))
      return { size, file: await writeRequests(directory, `partners-${size}`, requests) }
    }),
  )
  // All tokens are verified before anything is timed.
  for (const { file } of files) await timeHits(bench, gateway, file, bench.pace.warmSeconds * 2)
  return inTurns(bench, 'growth: partners', files, file => timeHits(bench, gateway, file, bench.pace.runSeconds))
}

async function byEntries(bench: Bench, gateway: TunedGateway): Promise<readonly Level[]> {
  const { site, pace, directory, progress } = bench
  const distinct = await createDistinctQuestions(bench, partnerAt(site.retailers, 0))
  const levels: Level[] = []
  let kept = 0
  for (const size of [FEW_ENTRIES, pace.cacheEntries]) {
    progress(`growth: filling to ${size} answers`)
    await distinct.send(gateway, { from: kept, count: size - kept, seconds: FILL_SECONDS })
    kept = size
    const asked: PreparedRequest[] = []
    for (let n = 0; n < FEW_ENTRIES; n++) asked.push(await distinct.request(Math.floor((n * size) / FEW_ENTRIES)))
    const file = await writeRequests(directory, `entries-${size}`, asked)
    await timeHits(bench, gateway, file, pace.warmSeconds)
    levels.push(
      ...(await inTurns(bench, 'growth: entries', [{ size, file }], file =>
        timeHits(bench, gateway, file, pace.runSeconds),
      )),
    )
  }
  return levels
}

function timeHits(
  _bench: Bench,
  { url, pids }: TunedGateway,
  requestsFile: string,
  seconds: number,
): Promise<ClosedLoop> {
  return runClosedLoop({ url, pids: pids(), requestsFile, seconds })
}

/** Level by level, the order reversed every round. */
async function inTurns(
  { rounds, progress }: Bench,
  label: string,
  levels: readonly { readonly size: number; readonly file: string }[],
  time: (file: string) => Promise<ClosedLoop>,
): Promise<readonly Level[]> {
  const runs = new Map<number, ClosedLoop[]>(levels.map(({ size }) => [size, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { size, file } of round % 2 === 0 ? levels : levels.toReversed()) {
      progress(`${label}: round ${round + 1} of ${rounds}, ${size}`)
      runs.get(size)?.push(await time(file))
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
