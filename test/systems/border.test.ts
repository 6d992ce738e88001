import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Provenance } from '../../src/model/provenance.ts'
import { type Border, crossBorder } from '../../src/systems/border.ts'
import { bpnl, bpns, money, optional, text, texts } from '../../src/systems/columns.ts'
import type { RawRow, RowFilter } from '../../src/systems/connector.ts'
import { defineRelation } from '../../src/systems/relation.ts'
import { ALPHA, BETA } from './viewer.ts'

const invoice = defineRelation('WHOLESALE_FINANCE', 'invoice', {
  columns: {
    number: text(),
    owner: bpnl(),
    amount: money(),
    note: optional(text()),
    orders: texts(),
    site: optional(bpns()),
  },
  key: ['number'],
  access: { kind: 'owned', columns: ['owner'] },
})
const provenance: Provenance = {
  system: 'WHOLESALE_FINANCE',
  asOf: '2025-10-07T06:00:00.000Z',
  origin: 'SYSTEM',
  reconciledThrough: null,
  gapFrom: null,
  gapUntil: null,
}
const UNKNOWN_SITE = 'BPNS000000000099'
const ALPHAS: RowFilter = { kind: 'owner', columns: ['owner'], value: ALPHA }
const row = (change: RawRow = {}): RawRow => ({ number: '1', owner: ALPHA, amount: '5', orders: ['o1'], ...change })

function cross(rows: readonly unknown[]) {
  const reports: string[] = []
  const border: Border = {
    isKnownSite: bpns => bpns !== UNKNOWN_SITE,
    foreignRows: (relation, count) => void reports.push(`${count} foreign ${relation.name}`),
    malformedRows: (relation, count, problem) => void reports.push(`${count} malformed ${relation.name}: ${problem}`),
  }
  return { ...crossBorder(invoice, rows as readonly RawRow[], ALPHAS, provenance, border), reports }
}

describe('a row at the border', () => {
  test('becomes a record: canonical, whole, with its identity and provenance', () => {
    const { records, rejected, reports } = cross([row()])
    expect([rejected, reports]).toEqual([[], []])
    expect(records).toEqual([
      {
        number: '1',
        owner: ALPHA,
        amount: '5.00',
        note: null,
        orders: ['o1'],
        site: null,
        id: expect.any(String),
        provenance,
      },
    ])
  })

  test('of another owner is dropped and reported', () => {
    const { records, rejected, reports } = cross([row({ owner: BETA }), row()])
    expect(records.map(record => record.owner)).toEqual([ALPHA])
    expect(rejected).toEqual([])
    expect(reports).toEqual(['1 foreign invoice'])
  })

  test('that names a site which the directory does not have is rejected: it could not be shown', () => {
    const { records, rejected, reports } = cross([row({ site: UNKNOWN_SITE }), row({ site: 'BPNS00000D00015V' })])
    expect([records.length, rejected.length]).toEqual([1, 1])
    expect(reports).toEqual(['1 malformed invoice: site: names a site that the directory does not have'])
  })

  test('that is not what its relation says is rejected and reported by columns, never by values', () => {
    const bad = row({ amount: 'secret-amount', note: 7 })
    const { records, rejected, reports } = cross([bad])
    expect([records, rejected]).toEqual([[], [bad]])
    expect(reports).toEqual(['1 malformed invoice: amount: custom; note: invalid_type'])
  })

  test.each([null, undefined, 5, 'row', []])('that is %j is rejected like any other', nothing =>
    expect(cross([nothing, row()])).toMatchObject({ records: [{ number: '1' }], rejected: [expect.anything()] }),
  )

  test('brings in no column that its relation does not have, and no identity of its own', () => {
    const [record] = cross([row({ salary: '1', id: 'forged', provenance: { origin: 'SYSTEM' } })]).records
    expect(record).not.toHaveProperty('salary')
    expect(record?.id).not.toBe('forged')
    expect(record?.provenance).toBe(provenance)
  })

  test('has no other owner afterwards, whatever a source sends', () => {
    const owners = fc.oneof(fc.constantFrom(ALPHA, BETA, ALPHA.toLowerCase(), `${ALPHA} `), fc.anything())
    const rows = fc.array(
      fc.oneof(
        fc.anything(),
        fc.record({ number: fc.string(), owner: owners, amount: fc.constantFrom('1', 'x'), orders: fc.constant([]) }),
      ),
    )
    fc.assert(
      fc.property(rows, sent => {
        const { records, rejected, reports } = cross(sent)
        expect(records.every(record => record.owner === ALPHA)).toBe(true)
        const told = (kind: string) => Number(reports.find(text => text.includes(kind))?.split(' ')[0] ?? 0)
        expect(told('malformed')).toBe(rejected.length)
        expect(records.length + rejected.length + told('foreign')).toBe(sent.length)
      }),
    )
  })
})

describe('a record', () => {
  const [record] = cross([row()]).records

  test('is frozen through and through', () => {
    for (const value of [record, record?.orders, record?.provenance]) expect(Object.isFrozen(value)).toBe(true)
  })

  test('is the same after JSON, as from a cache in another process', () =>
    expect(JSON.parse(JSON.stringify(record))).toEqual(record))

  test('has the same identity every time, and another than every other row', () => {
    const ids = cross([row(), row({ number: '2' }), row({ number: '1', note: 'n' })]).records.map(({ id }) => id)
    expect(ids[0]).toBe(ids[2])
    expect(ids[0]).not.toBe(ids[1])
  })
})
