import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RowFilter } from '../../../src/systems/connector.ts'
import { pageKey, recordsKeys } from '../../../src/systems/last-known-good/kept-key.ts'
import { partAvailability } from '../../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice, supplierPayment } from '../../../src/systems/relations/wholesale-finance.ts'

/** Objects as the code makes them. */
const PLAIN = { noNullPrototype: true } as const
const text = fc.string({ unit: 'binary', maxLength: 3 })
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
const site = fc.constantFrom('BPNS1', 'BPNS2', 'BPNS3')
const filter: fc.Arbitrary<RowFilter> = fc.oneof(
  fc.constant({ kind: 'all' } as const),
  fc.record({ kind: fc.constant('owner' as const), columns: fc.array(text, { maxLength: 2 }), value: text }, PLAIN),
  fc.record({ kind: fc.constant('within' as const), column: text, values: fc.array(site, { maxLength: 4 }) }, PLAIN),
)
const RELATIONS = { partAvailability, supplierInvoice, supplierPayment }
const relation = fc.constantFrom('partAvailability' as const, 'supplierInvoice' as const, 'supplierPayment' as const)
const records = fc.record({
  generation: text,
  relation,
  columns: fc.array(text, { maxLength: 2 }),
  key: fc.array(value, { maxLength: 2 }),
  visible: filter,
})
const page = fc.record({
  generation: text,
  relation,
  where: fc.array(fc.record({ column: text, is: fc.constant('equal' as const), value }, PLAIN), { maxLength: 2 }),
  first: fc.integer({ min: 1, max: 5 }),
  visible: filter,
})

type Records = typeof records extends fc.Arbitrary<infer T> ? T : never
type PageParts = typeof page extends fc.Arbitrary<infer T> ? T : never

const recordsKeyOf = ({ generation, key, relation, columns, visible }: Records) =>
  recordsKeys(generation, { relation: RELATIONS[relation], columns, visible })(key)
const pageKeyOf = ({ generation, relation, visible, where, first }: PageParts) =>
  pageKey(generation, { relation: RELATIONS[relation], visible, request: { where, first, after: null } })

/** All that decides what is shown, in a form that is the same for the same rows and for no others. */
const meaningOf = (parts: Records | PageParts) => {
  const { visible, ...rest } = parts
  const shown = visible.kind === 'within' ? { ...visible, values: [...new Set(visible.values)].toSorted() } : visible
  return fc.stringify([shown, rest])
}

describe('the key of what was given last', () => {
  test('is the same for two look-ups exactly where they show the same', () => {
    fc.assert(
      fc.property(records, records, (one, other) => {
        expect(recordsKeyOf(one) === recordsKeyOf(other)).toBe(meaningOf(one) === meaningOf(other))
        for (const changed of Object.keys(one) as (keyof Records)[]) {
          const mixed = { ...one, [changed]: other[changed] }
          expect(recordsKeyOf(one) === recordsKeyOf(mixed)).toBe(meaningOf(one) === meaningOf(mixed))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('is the same for two pages exactly where they show the same, and never that of a look-up', () => {
    fc.assert(
      fc.property(page, page, records, (one, other, lookup) => {
        for (const changed of Object.keys(one) as (keyof PageParts)[]) {
          const mixed = { ...one, [changed]: other[changed] }
          expect(pageKeyOf(one) === pageKeyOf(mixed)).toBe(meaningOf(one) === meaningOf(mixed))
        }
        expect(pageKeyOf(one)).not.toBe(recordsKeyOf(lookup))
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not tell sites in another order apart, and does tell owners', () => {
    const within = (...values: string[]): RowFilter => ({ kind: 'within', column: 'site', values })
    const keyFor = (visible: RowFilter) =>
      recordsKeys('g', { relation: partAvailability, columns: ['partNumber'], visible })(['1'])
    expect(keyFor(within('a', 'b'))).toBe(keyFor(within('b', 'a', 'b')))
    expect(keyFor(within('a'))).not.toBe(keyFor(within('a', 'b')))
    const owner = (name: string): RowFilter => ({ kind: 'owner', columns: ['owner'], value: name })
    expect(keyFor(owner('a'))).not.toBe(keyFor(owner('b')))
  })

  test('is none for a page that is not the first', () => {
    const request = { where: [], first: 10, after: ['1'] }
    expect(pageKey('g', { relation: partAvailability, request, visible: { kind: 'all' } })).toBeNull()
  })
})
