import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { integer, text } from '../../src/systems/columns.ts'
import type { AnyRelation, Condition, Connector, RawRow, RowFilter } from '../../src/systems/connector.ts'
import type { Row, Value } from '../../src/systems/relation.ts'
import { part, partAvailability, partStock } from '../../src/systems/relations/parts-logistics.ts'
import { productionSchedule } from '../../src/systems/relations/production-schedule.ts'
import { remittanceLine, supplierInvoice, wholesaleFunding } from '../../src/systems/relations/wholesale-finance.ts'
import { anyPage } from './any-page.ts'
import { describeHostileValues } from './contract-values.ts'
import { isShown, keyOf, referencePage } from './reference.ts'
import { AS_OF, SAMPLE, SAMPLE_RELATIONS, visibilities } from './sample.ts'

/** What every connector guarantees, whatever it speaks to. Each connector runs it over the same sample. */
export interface ContractSource {
  readonly connector: Connector
  /** Makes the source's data newer in one step: its time, and `lastUpdatedOn` of all of `part_stock`. */
  advance(asOf: string): Promise<void>
  dispose(): Promise<void>
}

/** A clock that stands still until it is moved. */
export interface ContractClock {
  now(): number
  move(ms: number): void
}

const ALL: RowFilter = { kind: 'all' }
const signal = new AbortController().signal
const rowsOf = (relation: AnyRelation): readonly Row[] => SAMPLE.get(relation) ?? []

/** Rows in one order, whatever order they came in. */
const sorted = (rows: readonly RawRow[]) => rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
const pick = (row: RawRow, columns: readonly string[]) => columns.map(name => row[name])

export function describeConnector(name: string, setup: (clock: ContractClock) => Promise<ContractSource>): void {
  describe(name, () => {
    let source: ContractSource
    let connector: Connector
    let time = Date.parse('2025-10-08T06:00:00Z')
    const clock: ContractClock = {
      now: () => time,
      move(ms) {
        time += ms
      },
    }

    beforeAll(async () => {
      source = await setup(clock)
      connector = source.connector
    }, 60_000)
    afterAll(() => source?.dispose(), 60_000)

    const lookup = async (relation: AnyRelation, columns: readonly string[], keys: readonly Value[][], visible = ALL) =>
      (await connector.lookup(relation, { columns, keys, visible }, signal)).rows
    const page = (
      relation: AnyRelation,
      where: readonly Condition[],
      first = 100,
      after: readonly Value[] | null = null,
    ) => connector.page(relation, { visible: ALL, where, after, first }, signal)

    test('the probe accepts the relations as declared', async () => {
      await expect(connector.probe(SAMPLE_RELATIONS, signal)).resolves.toBeUndefined()
    })

    test('the probe names the relation, the column and both types where they differ', async () => {
      const wanting = { ...part, columns: { ...part.columns, paintColour: text(20) } }
      const other = { ...partStock, columns: { ...partStock.columns, unit: integer() } }
      const attempt = connector.probe([wanting, other], signal)
      await expect(attempt).rejects.toThrow(
        'relation part, column paint_colour: expected varchar(20), there is no such',
      )
      await expect(attempt).rejects.toThrow(
        /relation part_stock, column unit: expected integer, found (character varying|varchar)(\(3\))?/,
      )
    })

    test('the probe names a relation that is not there', async () => {
      await expect(connector.probe([{ ...part, name: 'no_part' }], signal)).rejects.toThrow('relation no_part')
    })

    test('every row comes back exactly as it was written, and as its relation says', async () => {
      for (const relation of SAMPLE_RELATIONS) {
        const { rows } = await page(relation, [])
        expect(sorted(rows)).toEqual(sorted(rowsOf(relation)))
        for (const row of rows) {
          expect(relation.schema.parse(row)).toEqual(row)
          expect(JSON.parse(JSON.stringify(row))).toEqual(row)
        }
      }
    })

    test('every lookup of every relation finds its rows and only those, missing keys beside them', async () => {
      for (const relation of SAMPLE_RELATIONS) {
        for (const columns of relation.lookups) {
          const wanted = rowsOf(relation).filter((row, n) => n % 3 !== 1 && columns.every(name => row[name] !== null))
          const keys = [
            ...new Map(
              wanted.map(row => [JSON.stringify(pick(row, columns)), columns.map(name => row[name] ?? null)]),
            ).values(),
          ]
          const absent = columns.map(name => (relation.columns[name]?.kind === 'integer' ? 987_654 : 'X'.repeat(10)))
          const texts = new Set(keys.map(key => JSON.stringify(key)))
          const expected = rowsOf(relation).filter(row => texts.has(JSON.stringify(pick(row, columns))))
          expect(sorted(await lookup(relation, columns, [absent, ...keys]))).toEqual(sorted(expected))
          expect(await lookup(relation, columns, [absent])).toEqual([])
        }
      }
    })

    test('a composite key matches as a whole, never column by column', async () => {
      const [first, second] = rowsOf(supplierInvoice)
      if (!first || !second) throw new Error('the sample has invoices')
      const crossed = [first.companyCode ?? null, second.invoiceNumber ?? null, first.fiscalYear ?? null]
      expect(await lookup(supplierInvoice, supplierInvoice.key, [crossed])).toEqual([])
    })

    test('500 keys are one lookup, and no key at all is none', async () => {
      const keys = Array.from({ length: 500 }, (_, n) => [`LR10${900 + n}`])
      expect(await lookup(part, ['partNumber'], keys)).toHaveLength(rowsOf(part).length)
      expect(await lookup(part, ['partNumber'], [])).toEqual([])
    })

    test('null in a key or in a row equals nothing', async () => {
      expect(
        await lookup(remittanceLine, ['companyCode', 'invoiceNumber', 'fiscalYear'], [[null, null, null]]),
      ).toEqual([])
      expect((await page(part, [{ column: 'supersessionKind', is: 'equal', value: null }])).rows).toEqual([])
      expect((await page(part, [{ column: 'supersessionKind', is: 'in', values: [null] }])).rows).toEqual([])
      expect((await page(part, [{ column: 'effectiveFrom', is: 'atLeast', value: '1900-01-01' }])).rows).toHaveLength(4)
    })

    test('rows that the viewer may not see never leave the source, by key or by page', async () => {
      for (const relation of SAMPLE_RELATIONS) {
        for (const visible of visibilities(relation)) {
          const expected = sorted(rowsOf(relation).filter(row => isShown(row, visible)))
          const keys = rowsOf(relation).map(row => relation.key.map(name => row[name] ?? null))
          expect(sorted(await lookup(relation, relation.key, keys, visible))).toEqual(expected)
          const { rows } = await connector.page(relation, { visible, where: [], after: null, first: 100 }, signal)
          expect(sorted(rows)).toEqual(expected)
        }
      }
    })

    test('a row with two owners is shown to both, once', async () => {
      const visible =
        visibilities(wholesaleFunding).find(each => each.kind === 'owner' && each.value.startsWith('BPNL00000F')) ?? ALL
      const { rows } = await connector.page(wholesaleFunding, { visible, where: [], after: null, first: 100 }, signal)
      expect(rows).toHaveLength(9)
    })

    test('amounts are compared exactly, where floats are equal', async () => {
      const above: Condition = { column: 'grossAmount', is: 'above', value: '9007199254740993.01' }
      const { rows } = await page(supplierInvoice, [above])
      expect(new Set(rows.map(row => row.grossAmount))).toEqual(new Set(['9007199254740993.02']))
      expect((await page(supplierInvoice, [{ column: 'grossAmount', is: 'equal', value: '10' }])).rows).toHaveLength(4)
      expect(
        (await page(supplierInvoice, [{ column: 'grossAmount', is: 'below', value: '-9.505' }])).rows,
      ).toHaveLength(4)
    })

    test('a list is searched for the one text that it holds', async () => {
      const condition: Condition = { column: 'purchaseOrders', is: 'holding', value: '4500000021' }
      const { rows } = await page(supplierInvoice, [condition])
      expect(sorted(rows)).toEqual(
        sorted(
          rowsOf(supplierInvoice).filter(
            ({ purchaseOrders }) => Array.isArray(purchaseOrders) && purchaseOrders.includes('4500000021'),
          ),
        ),
      )
      expect(rows.length).toBeGreaterThan(0)
    })

    test('pages of any size, put together, are the whole list in its order, each row once', async () => {
      for (const relation of SAMPLE_RELATIONS) {
        const whole = referencePage(relation, rowsOf(relation), {
          visible: ALL,
          where: [],
          after: null,
          first: 1_000,
        }).rows
        for (const first of [1, 2, 3, 5, 7, whole.length - 1, whole.length, whole.length + 1]) {
          const walked: RawRow[] = []
          for (let after: readonly Value[] | null = null, more = true; more; ) {
            const reading = await page(relation, [], first, after)
            walked.push(...reading.rows)
            more = reading.hasNextPage
            after = keyOf(relation, reading.rows.at(-1) as Row)
          }
          expect(walked).toEqual(whole)
        }
      }
    })

    test('the sample pages upwards and downwards', () => {
      expect(new Set(SAMPLE_RELATIONS.map(({ order }) => order.direction))).toEqual(
        new Set(['ascending', 'descending']),
      )
    })

    test('any page of any relation is the page that a plain sort and filter give', async () => {
      await fc.assert(
        fc.asyncProperty(anyPage, async ({ relation, query }) => {
          const { rows, hasNextPage } = await connector.page(relation, query, signal)
          expect({ rows, hasNextPage }).toEqual(referencePage(relation, rowsOf(relation), query))
        }),
        { numRuns: 300 },
      )
    })

    describeHostileValues({ connector: () => connector, lookup, page })

    test('totals count all rows and sum each control column exactly', async () => {
      expect(await connector.totals(supplierInvoice, signal)).toEqual({
        rows: 28,
        sums: { grossAmount: '72057594037927942.12', openAmount: '2.80' },
        asOf: AS_OF,
      })
      expect((await connector.totals(wholesaleFunding, signal)).sums).toEqual({
        fundedAmount: '250020.00',
        outstandingAmount: '0',
      })
      expect((await connector.totals(productionSchedule, signal)).sums).toEqual({ plannedQuantity: '4960' })
      expect(await connector.totals(part, signal)).toEqual({ rows: 12, sums: {}, asOf: AS_OF })
    })

    test('every reading says what time the data is as of', async () => {
      expect(await connector.freshness(signal)).toBe(AS_OF)
      expect((await page(partAvailability, [])).asOf).toBe(AS_OF)
      expect(
        (await connector.lookup(part, { columns: ['partNumber'], keys: [['none']], visible: ALL }, signal)).asOf,
      ).toBe(AS_OF)
    })

    test('an aborted caller is answered with its own reason', async () => {
      const reason = new Error('the caller has gone')
      const gone = AbortSignal.abort(reason)
      await expect(connector.page(part, { visible: ALL, where: [], after: null, first: 1 }, gone)).rejects.toBe(reason)
      await expect(connector.freshness(gone)).rejects.toBe(reason)
    })

    test('while the source moves on, no reading says a later time than its rows show', async () => {
      for (let minute = 31; minute < 40; minute += 1) {
        const asOf = `2025-10-08T05:${minute}:00.000Z`
        const stock = () => connector.page(partStock, { visible: ALL, where: [], after: null, first: 100 }, signal)
        const readings = await Promise.all([stock(), source.advance(asOf), stock(), stock()])
        for (const reading of readings)
          for (const row of reading?.rows ?? []) expect(String(row.lastUpdatedOn) >= String(reading?.asOf)).toBe(true)
        clock.move(2_000)
        expect(await stock()).toMatchObject({
          asOf,
          rows: expect.arrayContaining([expect.objectContaining({ lastUpdatedOn: asOf })]),
        })
      }
    })

    test('a closed connector rejects, and may be closed again', async () => {
      await connector.close()
      await connector.close()
      await expect(page(part, [])).rejects.toThrow()
      await expect(lookup(part, ['partNumber'], [['LR101000']])).rejects.toThrow()
      await expect(connector.totals(part, signal)).rejects.toThrow()
      await expect(connector.freshness(signal)).rejects.toThrow()
      await expect(connector.probe([part], signal)).rejects.toThrow()
    })
  })
}
