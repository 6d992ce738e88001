import { expect, test } from '@jest/globals'
import { checkedPage } from '../../src/connectors/query.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'

test('a value that a client repeats ten thousand times is compared with a row once', () => {
  const values = Array.from({ length: 10_000 }, (_, at) => (at % 2 ? 'PAID' : 'ACCEPTED'))
  const where = [{ column: 'status', is: 'in', values }] as const
  expect(checkedPage(supplierInvoice, { visible: { kind: 'all' }, where, after: null, first: 1 })?.where).toMatchObject(
    [{ is: 'in', operands: ['ACCEPTED', 'PAID'] }],
  )
})
