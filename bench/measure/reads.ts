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

/** Reads of the systems: of one operation with nothing kept, by the length of its list, and of a request when warm. */

const WARM_REQUESTS = 20_000

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
  const warmByName = new Map<VariantName, number | null>()
  const requests = await prepareMany(bench.site, WARM_REQUESTS, createMorning(bench.site, 4))
  const file = await writeRequests(bench.directory, 'reads', requests)
  for (const name of names) {
    bench.progress(`reads: ${name}, one operation at a time`)
    byName.set(
      name,
      await withVariant(bench, name, { cached: false }, variant => readsOfEach(bench, variant, operations)),
    )
    bench.progress(`reads: ${name}, the morning when warm`)
    warmByName.set(
      name,
      await withVariant(bench, name, { cached: true }, variant => readsWhenWarm(bench, variant, file)),
    )
  }
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
      plainFigure('retail morning when warm, upstream reads per request', warmByName.get('gateway') ?? null, 'reads', {
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
      {
        title: 'Upstream reads of a request of the morning, when warm',
        columns: ['', ...names],
        rows: [['reads per request', ...names.map(name => cell(warmByName.get(name) ?? null))]],
      },
    ],
    notes: [
      'Warm: as many requests as can be answered, one after the other, so the time between two equal ones is short for a fast variant and long for a slow one.',
    ],
    raw: {
      operations: operations.map(({ document, size }) => ({ operation: document.operationName, size })),
      reads: Object.fromEntries(byName),
      warm: Object.fromEntries(warmByName),
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

async function readsWhenWarm({ pace }: Bench, { url, pids, reads }: RunningVariant, requestsFile: string) {
  await runClosedLoop({ url, pids: pids(), requestsFile, seconds: pace.warmSeconds * 2 })
  const before = await reads()
  const { requests } = await runClosedLoop({ url, pids: pids(), requestsFile, seconds: pace.runSeconds })
  const after = await reads()
  return before === null || after === null ? null : (after - before) / requests
}
