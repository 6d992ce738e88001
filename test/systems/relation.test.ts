import { describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { bpnl, integer, money, optional, text } from '../../src/systems/columns.ts'
import { accessColumns, columnName, defineRelation } from '../../src/systems/relation.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'

const columns = { id: text(), note: optional(text()), owner: bpnl(), amount: money(), line: integer() }
type Definition = Parameters<typeof defineRelation<typeof columns, { readonly kind: 'open' }>>[2]

const define = (definition: object) =>
  defineRelation('PARTS_LOGISTICS', 'thing', {
    columns,
    key: ['id'],
    access: { kind: 'open' },
    ...definition,
  } as unknown as Definition)

describe('a definition of a relation', () => {
  test.each([
    ['a key that is no column', { key: ['nothing'] }, /no column nothing/],
    ['a key that may be unknown', { key: ['note'] }, /note .* cannot be optional/],
    ['no key', { key: [] }, /nothing identifies a row/],
    ['an owner that is no column', { access: { kind: 'owned', columns: ['nobody'] } }, /no column nobody/],
    [
      'an owner that may be unknown',
      { access: { kind: 'owned', columns: ['owner', 'note'] } },
      /note .* cannot be optional/,
    ],
    ['a site that is no column', { access: { kind: 'sited', column: 'site' } }, /no column site/],
    ['a privileged site that may be unknown', { access: { kind: 'privileged', column: 'note', roles: [] } }, /note/],
    ['an order that may be unknown', { order: { by: ['note'], direction: 'ascending' } }, /note .* cannot be optional/],
    ['a look-up by what is no column', { lookups: [['id', 'colour']] }, /no column colour/],
    ['a sum of what is no column', { sums: ['weight'] }, /no column weight/],
    ['a sum of text', { sums: ['note'] }, /note is no number/],
  ])('is refused with %s', (_what, definition, message) => expect(() => define(definition)).toThrow(message))

  test('ends its order in the key, so that the order is total', () =>
    expect(define({ key: ['id', 'line'], order: { by: ['line'], direction: 'descending' } }).order).toEqual({
      columns: ['line', 'id'],
      direction: 'descending',
    }))

  test('is looked up by its key at least', () =>
    expect(define({ lookups: [['owner']] }).lookups).toEqual([['id'], ['owner']]))
})

test('a name in SQL has its words divided', () => {
  expect(columnName('supplierInvoiceReference')).toBe('supplier_invoice_reference')
  expect(columnName('line')).toBe('line')
})

describe.each(SYSTEM_KEYS.flatMap(key => RELATIONS[key].map(relation => [relation.name, key, relation] as const)))(
  'the relation %s',
  (name, key, relation) => {
    const names = Object.keys(relation.columns)

    test('is of the system that lists it, under a name of its own', () => {
      expect(relation.system).toBe(key)
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(RELATIONS[key].filter(other => other.name === name)).toHaveLength(1)
    })

    test('names only columns that it has, each once in its key and order', () => {
      const { key: identity, order, lookups, sums, access } = relation
      expect(names).toEqual(
        expect.arrayContaining([...identity, ...order.columns, ...lookups.flat(), ...sums, ...accessColumns(access)]),
      )
      expect(new Set(order.columns).size).toBe(order.columns.length)
      expect(order.columns).toEqual(expect.arrayContaining([...identity]))
    })

    test('has columns whose names differ in SQL too, and none that a record needs for itself', () => {
      expect(new Set(names.map(columnName)).size).toBe(names.length)
      expect(names).not.toContain('id')
      expect(names).not.toContain('provenance')
    })

    test('knows which of its columns name sites', () =>
      expect(relation.sites).toEqual(names.filter(column => column.endsWith('Bpns'))))

    test('orders and identifies by what compares the same inside as in a source', () => {
      for (const column of relation.order.columns)
        expect(['text', 'integer', 'date', 'timestamp']).toContain(relation.columns[column]?.kind)
    })
  },
)
