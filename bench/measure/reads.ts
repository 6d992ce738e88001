import { numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import type { BenchSite } from '../site/site.ts'
import type { BenchQuestion } from '../variants/check.ts'
import type { RunningVariant, VariantName } from '../variants/variant.ts'
import { AVAILABILITY, INVOICES, PART, WHOLESALES, type WorkDocument } from '../work/documents.ts'
import { createMorning } from '../work/morning.ts'
import { ask, partnerAt, partsApart } from '../work/questions.ts'
import { answeringAll, type Bench } from './bench.ts'
import { runClosedLoop } from './closed-loop.ts'
import { askOnce, prepare, prepareMany, writeRequests } from './prepared-requests.ts'
import { withVariant } from './rounds.ts'

/**
 * Reads of the systems: of one operation with nothing kept, by the length of its list; and of a request of the morning when
 * the gateway is warm. What its peers read of the morning is told by the measurement of the morning.
 */

/** More than are answered, so that none comes again. */
const MOST_PER_SECOND = 1_500

interface Operation {
  readonly document: WorkDocument
  readonly size: number
  readonly question: BenchQuestion
}

export async function measureReads(bench: Bench): Promise<Outcome> {
  const { variants } = bench
  const names = answeringAll(variants)
  const operations = operationsAt(bench.site)
  const byName = new Map<VariantName, readonly (number | null)[]>()
  for (const name of names) {
    bench.progress(`reads: ${name}, one operation at a time`)
    byName.set(
      name,
      await withVariant(bench, name, { cached: false }, variant => readsOfEach(bench, variant, operations)),
    )
  }
  bench.progress('reads: the morning when warm')
  const warm = await withVariant(bench, 'gateway', { cached: true }, variant => readsWhenWarm(bench, variant))
  const ours = byName.get('gateway') ?? []
  const perRelation = operations.flatMap(({ document }, index) => {
    const reads = ours[index] ?? null
    return reads === null ? [] : [reads / document.relations.length]
  })
  return {
    measure: 'reads',
    figures: [
      plainFigure(
        'upstream reads per operation and relation touched, whatever the length of its list',
        perRelation.length === 0 ? null : Math.max(...perRelation),
        'reads',
        { most: 1 },
      ),
      plainFigure('retail morning when warm, upstream reads per request', warm?.readsPerRequest ?? null, 'reads', {
        most: 0.1,
      }),
    ],
    tables: [
      {
        title: 'Upstream reads of one operation, nothing kept',
        columns: ['operation', 'relations', ...names],
        rows: operations.map(({ document, size }, index) => [
          `${document.operationName}, ${size}`,
          String(document.relations.length),
          ...names.map(name => cell(byName.get(name)?.[index] ?? null)),
        ]),
      },
    ],
    notes: warm === null ? [] : [warmNote(bench, warm)],
    raw: {
      operations: operations.map(({ document, size }) => ({ operation: document.operationName, size })),
      reads: Object.fromEntries(byName),
      warm,
    },
  }
}

const cell = (reads: number | null): string => (reads === null ? '–' : numberText(reads))

function operationsAt({ retailers, suppliers, partNumbers }: BenchSite): readonly Operation[] {
  const [retailer, supplier] = [partnerAt(retailers, 1), partnerAt(suppliers, 1)]
  const parts = (size: number) => ({
    document: AVAILABILITY,
    size,
    question: ask(retailer, AVAILABILITY, { partNumbers: partsApart(partNumbers, size) }),
  })
  const page = (document: WorkDocument, first: number) => ({
    document,
    size: first,
    question: ask(document === INVOICES ? supplier : retailer, document, { first }),
  })
  const [partNumber] = partNumbers
  return [
    ...[1, 10, 500].map(parts),
    { document: PART, size: 1, question: ask(retailer, PART, { partNumber }) },
    ...[1, 50, 200].map(first => page(INVOICES, first)),
    ...[1, 50, 200].map(first => page(WHOLESALES, first)),
  ]
}

async function readsOfEach(
  { site }: Bench,
  variant: RunningVariant,
  operations: readonly Operation[],
): Promise<readonly (number | null)[]> {
  const reads: (number | null)[] = []
  for (const { question } of operations) {
    const request = await prepare(site, question)
    // Once for what is read at the first time only, such as a catalogue's layout.
    await askOnce(variant.url, request)
    const before = await variant.reads()
    await askOnce(variant.url, request)
    const after = await variant.reads()
    reads.push(before === null || after === null ? null : after - before)
  }
  return reads
}

interface Warm {
  /** Before anything was counted. */
  readonly asked: number
  readonly counted: number
  readonly readsPerRequest: number
}

async function readsWhenWarm(
  { site, directory, pace }: Bench,
  { url, pids, reads }: RunningVariant,
): Promise<Warm | null> {
  const { readsWarmSeconds, runSeconds } = pace
  const next = createMorning(site, 4)
  const ask = async (name: string, seconds: number) => {
    const requests = await prepareMany(site, seconds * MOST_PER_SECOND, next)
    const requestsFile = await writeRequests(directory, name, requests)
    return (await runClosedLoop({ url, pids: pids(), requestsFile, seconds })).requests
  }
  const asked = await ask('reads-warm', readsWarmSeconds)
  const before = await reads()
  const counted = await ask('reads', runSeconds)
  const after = await reads()
  return before === null || after === null ? null : { asked, counted, readsPerRequest: (after - before) / counted }
}

const warmNote = ({ pace }: Bench, { asked, counted }: Warm): string =>
  `Warm: after ${numberText(asked)} requests of the morning in ${pace.readsWarmSeconds} s; counted over the ${numberText(counted)} ` +
  'that came next, as many as could be answered, none of them twice.'
