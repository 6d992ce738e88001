import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GatewayError } from '../../src/model/errors.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import type { Value } from '../../src/systems/relation.ts'
import { part, partAvailability, partStock } from '../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice, supplierInvoiceLine } from '../../src/systems/relations/wholesale-finance.ts'
import type { Systems } from '../../src/systems/systems.ts'
import { ALPHA, BETA, viewerOf } from '../systems/viewer.ts'
import { fieldReads } from './field-reads.ts'

type Rows = readonly Readonly<Record<string, Value>>[]
interface Read {
  readonly viewer: string
  readonly relation: string
  readonly keys: readonly (readonly Value[])[]
  readonly grant: object
}

/** Systems that answer out of a function and remember every read. */
function systemsOf(
  rowsOf: (relation: AnyRelation, key: readonly Value[], grant: object) => Rows | GatewayError = () => [],
) {
  const reads: Read[] = []
  const pages: object[] = []
  const systems = {
    lookup: async (
      viewer: { partner: { bpnl: string } },
      relation: AnyRelation,
      _columns: unknown,
      keys: readonly (readonly Value[])[],
      grant: object,
    ) => {
      reads.push({ viewer: viewer.partner.bpnl, relation: relation.name, keys, grant })
      return keys.map(key => rowsOf(relation, key, grant))
    },
    page: async (_viewer: unknown, relation: AnyRelation, request: object, grant: object) => {
      pages.push({ relation: relation.name, request, grant })
      return { records: [], hasNextPage: false, provenance: {} }
    },
  } as unknown as Systems
  return { systems, reads, pages }
}

const SITES = { sites: ['BPNS00000000ST01'] }
const PAGE = { where: [], after: null, first: 10 }

describe('the reads of a request', () => {
  test('ask each relation once for all keys of a tick, each key once', async () => {
    const { systems, reads } = systemsOf((_relation, [partNumber = null]) => [{ partNumber }])
    const { one, many } = fieldReads(systems, viewerOf())
    const found = await Promise.all([
      ...['A', 'B', 'A'].map(number => one(part, [number], {})),
      ...['A', 'B', 'B'].map(number => many(partAvailability, ['partNumber'], [number], SITES)),
    ])
    expect(reads.map(({ relation, keys }) => [relation, keys])).toEqual([
      ['part', [['A'], ['B']]],
      ['part_availability', [['A'], ['B']]],
    ])
    expect(found).toMatchObject([
      { partNumber: 'A' },
      { partNumber: 'B' },
      { partNumber: 'A' },
      [{ partNumber: 'A' }],
      [{}],
      [{}],
    ])
  })

  test('ask for nothing twice, also in a later tick', async () => {
    const { systems, reads } = systemsOf(() => [{ partNumber: 'A' }])
    const { one } = fieldReads(systems, viewerOf())
    const first = await one(part, ['A'], {})
    expect(await one(part, ['A'], {})).toBe(first)
    expect(reads).toHaveLength(1)
  })

  test('ask for 500 keys at once', async () => {
    const { systems, reads } = systemsOf()
    const { one } = fieldReads(systems, viewerOf())
    await Promise.all(Array.from({ length: 500 }, (_, index) => one(part, [`P${index}`], {})))
    expect(reads.map(({ keys }) => keys.length)).toEqual([500])
  })

  test('tell keys of one relation by different columns apart', async () => {
    const { systems, reads } = systemsOf()
    const { many } = fieldReads(systems, viewerOf())
    const grant = { ...SITES, roles: [] }
    await Promise.all([
      many(partStock, ['partNumber'], ['A'], grant),
      many(partStock, ['partNumber', 'siteBpns'], ['A', 'BPNS00000000ST01'], grant),
    ])
    expect(reads).toHaveLength(2)
  })

  test('tell keys apart that look alike when they are written one after the other', async () => {
    const { systems, reads } = systemsOf()
    const { many } = fieldReads(systems, viewerOf())
    const keys = [
      ['a', 'b', 'c'],
      ['a,b', 'c', ''],
      ['a","b', 'c', ''],
      ['', 'a', 'bc'],
      ['1', '2', '3'],
    ]
    await Promise.all(
      keys.map(key => many(supplierInvoiceLine, ['companyCode', 'invoiceNumber', 'fiscalYear'], key, { owner: ALPHA })),
    )
    expect(reads.map(read => read.keys)).toEqual([keys])
  })

  test('never ask for two grants together, nor give one what was read for the other', async () => {
    const { systems, reads } = systemsOf((_relation, _key, grant) => [
      { supplierBpnl: (grant as { owner: string }).owner },
    ])
    const { many } = fieldReads(systems, viewerOf())
    const read = (owner: string) => many(supplierInvoice, ['supplierInvoiceReference'], ['1'], { owner })
    const found = await Promise.all([read(ALPHA), read(BETA), read(ALPHA)])
    expect(reads.map(({ grant }) => grant)).toEqual([{ owner: ALPHA }, { owner: BETA }])
    expect(found).toMatchObject([[{ supplierBpnl: ALPHA }], [{ supplierBpnl: BETA }], [{ supplierBpnl: ALPHA }]])
  })

  test('ask as their own viewer, and share nothing with the reads of another request', async () => {
    const { systems, reads } = systemsOf(() => [{ partNumber: 'A' }])
    const requests = [ALPHA, BETA, ALPHA].map(bpnl => fieldReads(systems, viewerOf(bpnl)))
    await Promise.all(requests.map(({ one }) => one(part, ['A'], {})))
    await Promise.all(requests.map(({ page }) => page(supplierInvoice, PAGE, { owner: ALPHA })))
    expect(reads.map(({ viewer }) => viewer)).toEqual([ALPHA, BETA, ALPHA])
  })

  test('fail for the key that failed, and for no other', async () => {
    const failure = new GatewayError('SYSTEM_DATA_INVALID', 'no')
    const { systems } = systemsOf((_relation, [number = null]) =>
      number === 'bad' ? failure : [{ partNumber: number }],
    )
    const { one } = fieldReads(systems, viewerOf())
    const [bad, good] = await Promise.allSettled([one(part, ['bad'], {}), one(part, ['A'], {})])
    expect(bad).toMatchObject({ status: 'rejected', reason: failure })
    expect(good).toMatchObject({ status: 'fulfilled', value: { partNumber: 'A' } })
  })

  test('fail for every key of a read that failed, with its reason', async () => {
    const failure = new GatewayError('SYSTEM_UNAVAILABLE', 'down')
    const systems = { lookup: () => Promise.reject(failure) } as unknown as Systems
    const { one } = fieldReads(systems, viewerOf())
    const outcomes = await Promise.allSettled([one(part, ['A'], {}), one(part, ['B'], {})])
    expect(outcomes).toMatchObject([{ reason: failure }, { reason: failure }])
  })
})

describe('one record', () => {
  const read = (rows: Rows) => fieldReads(systemsOf(() => rows).systems, viewerOf()).one(part, ['A'], {})

  test('is null where there is none', async () => expect(await read([])).toBeNull())

  test('is an error where there are two: the key does not identify', async () =>
    expect(read([{ partNumber: 'A' }, { partNumber: 'A' }])).rejects.toMatchObject({
      code: 'SYSTEM_DATA_INVALID',
      details: { system: 'PARTS_LOGISTICS' },
    }))
})

describe('many records', () => {
  test('come in the order of their keys, whatever order a source gives them in', async () => {
    const lines = Array.from({ length: 12 }, (_, index) => ({
      companyCode: '1000',
      invoiceNumber: `${index % 3}`,
      fiscalYear: '2025',
      line: index,
    }))
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(lines, { minLength: lines.length }), async rows => {
        const { many } = fieldReads(systemsOf(() => rows).systems, viewerOf())
        const found = await many(
          supplierInvoiceLine,
          ['companyCode', 'invoiceNumber', 'fiscalYear'],
          ['1000', '0', '2025'],
          { owner: ALPHA },
        )
        expect(found.map(({ line }) => line)).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
      }),
    )
  })
})

describe('a page', () => {
  test('is read once for one request, grant and place, and anew for any other', async () => {
    const { systems, pages } = systemsOf()
    const { page } = fieldReads(systems, viewerOf())
    const asked = [
      [PAGE, ALPHA],
      [{ ...PAGE }, ALPHA],
      [PAGE, BETA],
      [{ ...PAGE, first: 11 }, ALPHA],
      [{ ...PAGE, after: ['x'] }, ALPHA],
      [{ ...PAGE, where: [{ column: 'status', is: 'in', values: [] }] }, ALPHA],
    ] as const
    await Promise.all(asked.map(([request, owner]) => page(supplierInvoice, request, { owner })))
    expect(pages).toHaveLength(5)
  })
})

describe('all records under conditions', () => {
  const row = (documentDate: string) => ({
    documentDate,
    companyCode: '1000',
    invoiceNumber: '5100000001',
    fiscalYear: '2025',
  })
  const OWNER = { owner: ALPHA }

  function paged(pages: readonly { readonly records: readonly object[]; readonly hasNextPage: boolean }[]) {
    const asked: unknown[] = []
    const systems = {
      page: async (_viewer: unknown, _relation: unknown, { after }: { readonly after: unknown }) => {
        asked.push(after)
        return { ...pages[asked.length - 1], provenance: {} }
      },
    } as unknown as Systems
    return { reads: fieldReads(systems, viewerOf()), asked }
  }

  test('are read page by page, each from where the one before ended', async () => {
    const { reads, asked } = paged([
      { records: [row('2025-09-02')], hasNextPage: true },
      { records: [row('2025-09-01')], hasNextPage: false },
    ])
    const { records } = await reads.all(supplierInvoice, [], OWNER)
    expect(records.map(record => record.documentDate)).toEqual(['2025-09-02', '2025-09-01'])
    expect(asked).toEqual([null, ['2025-09-02', '1000', '5100000001', '2025']])
  })

  test.each([
    ['repeats its last page', [row('2025-09-02')]],
    ['has no record on a page and says there are more', []],
  ])('are an error where a source %s, not a sum that ends early', async (_what, records) => {
    const { reads } = paged([
      { records: [row('2025-09-02')], hasNextPage: true },
      { records, hasNextPage: true },
    ])
    await expect(reads.all(supplierInvoice, [], OWNER)).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
  })
})
