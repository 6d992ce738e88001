import { loadConfig } from '../../src/config/load-config.ts'
import { memoryBoundOf } from '../../src/config/memory-bound.ts'
import { numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import { renderLines } from '../report/svg.ts'
import { hotQuestion, partnerAt } from '../work/questions.ts'
import type { Bench } from './bench.ts'
import { createDistinctQuestions } from './distinct-questions.ts'
import { type FloodMoment, momentsOf } from './flood-moments.ts'
import { type OpenLoopAnswer, type PreparedRequest, runOpenLoop } from './open-loop.ts'
import { prepareMany } from './prepared-requests.ts'
import { residentBytes } from './process-usage.ts'
import { type TunedGateway, withGateway } from './tuned-gateway.ts'

/**
 * A flood: one partner asks a million distinct questions as fast as it is answered, while fifty others ask their hot ones
 * at a constant rate. What the process holds, how often the others are answered from memory, and how long they wait.
 */

const OTHERS = 50
const QUESTIONS_EACH = 6
/** Each hot question comes every three seconds: an answer that was kept is then at least a second old, and says so. */
const OTHERS_PER_SECOND = 100
const MIB = 2 ** 20
/** The defaults, in writing: the bound rests on them. */
const RESPONSE_CACHE = { bytes: 64 * MIB, questionBytes: 32 * MIB }
const PAIRS_THAT_WARM = 20_000

interface Flood {
  readonly baselineBytes: number
  readonly boundBytes: number
  readonly mostBytes: number
  readonly questions: number
  readonly seconds: number
  readonly quiet: readonly FloodMoment[]
  readonly moments: readonly FloodMoment[]
}

export async function measureMemory(bench: Bench): Promise<Outcome> {
  const flood = await withGateway(bench, { settings: { responseCache: RESPONSE_CACHE } }, gateway =>
    measure(bench, gateway),
  )
  const { baselineBytes, boundBytes, mostBytes, questions, seconds, quiet, moments } = flood
  const share = mostBytes / boundBytes
  const [before, during] = [summed(quiet), summed(moments)]
  return {
    measure: 'memory',
    figures: [
      {
        ...plainFigure(`${numberText(questions)} distinct questions: RSS to its bound`, share, '×', { most: 1.1 }),
        against: `bound ${numberText(boundBytes / MIB)} MiB`,
        ours: `${numberText(mostBytes / MIB)} MiB`,
        ratio: `${share.toFixed(2)} ×`,
      },
      {
        ...plainFigure('hit rate of the others during the flood', during.hitPercent, '%', {
          least: Math.max(1, Math.floor(before.hitPercent - 1)),
        }),
        against: `before ${numberText(before.hitPercent)} %`,
      },
    ],
    tables: [
      {
        title: `A flood of ${numberText(questions)} distinct questions in ${numberText(seconds)} s`,
        columns: ['', 'before', 'during'],
        rows: [
          ['RSS at most, MiB', numberText(baselineBytes / MIB), numberText(mostBytes / MIB)],
          ['hit rate of the others, %', numberText(before.hitPercent), numberText(during.hitPercent)],
          ['p99 of the others, ms (median of seconds)', numberText(before.p99Ms), numberText(during.p99Ms)],
        ],
      },
    ],
    notes: [
      `The bound is what the configuration says: ${numberText(boundBytes / MIB)} MiB for the program and all its caches, of which ` +
        `${(RESPONSE_CACHE.bytes + RESPONSE_CACHE.questionBytes) / MIB} MiB for answers and questions. Warm, the process took ${numberText(baselineBytes / MIB)} MiB.`,
    ],
    raw: flood,
    charts: {
      'memory.svg': renderLines([
        {
          title: 'Memory of the process during the flood',
          unit: 'MiB',
          points: moments.map(({ second, residentBytes }) => [second, residentBytes / MIB] as const),
          level: { label: 'bound', value: boundBytes / MIB },
        },
        {
          title: 'Answers to the others from memory',
          unit: '%',
          points: moments.map(({ second, hitPercent }) => [second, hitPercent] as const),
        },
        {
          title: 'Waiting of the others, p99',
          unit: 'ms',
          points: moments.map(({ second, p99Ms }) => [second, p99Ms] as const),
        },
      ]),
    },
  }
}

async function measure(bench: Bench, gateway: TunedGateway): Promise<Flood> {
  const { site, pace, progress } = bench
  const flooder = partnerAt(site.retailers, 0)
  const distinct = await createDistinctQuestions(bench, flooder)
  let made = 0
  const hot = await prepareMany(site, OTHERS * QUESTIONS_EACH, () => {
    made += 1
    return hotQuestion(site, 10, 1 + (made % OTHERS), made)
  })
  const others = (seconds: number, flooding?: Promise<unknown>) => askHot(gateway, hot, seconds, flooding)

  // Records of all pairs, compiled code and a heap that has grown as it would in an hour of work belong to the baseline.
  progress('memory: warming up')
  const warm = { from: 0, count: PAIRS_THAT_WARM, seconds: pace.warmSeconds * 5 }
  await distinct.send(gateway, warm)
  await others(4)
  const quiet = await others(8)
  const baselineBytes = Math.max(residentBytes(gateway.pids()), ...quiet.map(({ residentBytes }) => residentBytes))

  progress(`memory: ${pace.floodQuestions} distinct questions`)
  const startedMs = performance.now()
  const range = { from: PAIRS_THAT_WARM, count: pace.floodQuestions, seconds: pace.floodSeconds }
  const flood = distinct.send(gateway, range)
  const moments = await others(pace.floodSeconds, flood)
  const { requests, cpuMicrosecondsPerRequest } = await flood
  progress(`memory: ${numberText(requests)} answered, at ${numberText(cpuMicrosecondsPerRequest)} µs each`)
  return {
    baselineBytes,
    boundBytes: memoryBoundOf(await loadConfig(gateway.configFile, {})),
    mostBytes: Math.max(...moments.map(({ residentBytes }) => residentBytes)),
    questions: requests,
    seconds: (performance.now() - startedMs) / 1_000,
    quiet,
    moments,
  }
}

/** A second at a time, until the seconds are over or what runs beside it is done. */
async function askHot(
  { url, pids }: TunedGateway,
  hot: readonly PreparedRequest[],
  seconds: number,
  beside?: Promise<unknown>,
): Promise<readonly FloodMoment[]> {
  const answers: OpenLoopAnswer[] = []
  const resident: number[] = []
  const done = new AbortController()
  const finish = () => done.abort()
  // Whoever started it hears of its failure.
  beside?.then(finish, finish)
  const sampling = setInterval(() => resident.push(residentBytes(pids())), 1_000)
  await runOpenLoop({
    url,
    requestsPerSecond: OTHERS_PER_SECOND,
    seconds,
    request: n => hot[n % hot.length] ?? { token: '', body: '' },
    onAnswer: answer => answers.push(answer),
    signal: done.signal,
  })
  clearInterval(sampling)
  return momentsOf(answers, resident)
}

function summed(moments: readonly FloodMoment[]): { readonly hitPercent: number; readonly p99Ms: number } {
  const middle = moments.map(({ p99Ms }) => p99Ms).toSorted((a, b) => a - b)[Math.floor(moments.length / 2)]
  const [hits, asked] = [sum(moments.map(({ hits }) => hits)), sum(moments.map(({ asked }) => asked))]
  return { hitPercent: asked === 0 ? 0 : (hits * 100) / asked, p99Ms: middle ?? 0 }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
