import { numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import type { RunningVariant } from '../variants/variant.ts'
import { everOther } from '../work/questions.ts'
import { answeringAll, type Bench } from './bench.ts'
import { askOnce, prepare } from './prepared-requests.ts'
import { failureNotes, inRounds } from './rounds.ts'
import { percentile, spreadOf } from './spread.ts'

/** A list of 500 part numbers against one of 10, one request at a time, nothing kept: what a part costs as lists grow. */

const SIZES = [10, 500] as const
/** Before anything is timed, times as many as are timed. */
const WARM = 1.5

export async function measureLists(bench: Bench): Promise<Outcome> {
  const rounds = await inRounds(bench, {
    label: 'lists',
    names: answeringAll(bench.variants),
    cached: false,
    rounds: 1,
    async measure(variant) {
      const count = bench.pace.listRequests
      for (const size of SIZES) await timeEach(bench, variant, size, count * WARM, 1)
      const [short, long] = [
        await timeEach(bench, variant, 10, count, 2),
        await timeEach(bench, variant, 500, count, 2),
      ]
      return { short, long }
    },
  })
  const rows = rounds.measured.map(({ name, runs }) => {
    const short = spreadOf(runs.map(run => run.short)).median
    const long = spreadOf(runs.map(run => run.long)).median
    return { name, short, long, ratio: long / short }
  })
  const ours = rows.find(({ name }) => name === 'gateway')
  return {
    measure: 'lists',
    figures: [
      {
        ...plainFigure('a list of 500 part numbers, times one of 10', ours?.ratio ?? null, '×', { most: 12 }),
        against:
          rows
            .filter(({ name }) => name !== 'gateway')
            .map(({ name, ratio }) => `${name} ${numberText(ratio)}`)
            .join(', ') || '–',
      },
    ],
    tables: [
      {
        title: 'Lists: median milliseconds of one request, nothing kept',
        columns: ['variant', '10 parts', '500 parts', 'times', 'µs/part of 10', 'µs/part of 500'],
        rows: rows.map(({ name, short, long, ratio }) => [
          name,
          ...[short, long, ratio, short * 100, long * 2].map(numberText),
        ]),
      },
    ],
    notes: failureNotes(rounds, 'lists'),
    raw: rounds,
  }
}

async function timeEach({ site }: Bench, { url }: RunningVariant, size: number, count: number, seed: number) {
  const next = everOther(site, size, seed)
  const tookMs: number[] = []
  for (let n = 0; n < count; n++) {
    const request = await prepare(site, next())
    const startedMs = performance.now()
    await askOnce(url, request)
    tookMs.push(performance.now() - startedMs)
  }
  return percentile(tookMs, 50)
}
