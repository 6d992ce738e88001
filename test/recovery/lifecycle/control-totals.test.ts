import { describe, expect, test } from '@jest/globals'
import { driftOf } from '../../../src/recovery/lifecycle/control-totals.ts'
import { MAX_REASON } from '../../../src/recovery/statements/kinds/automatic-closing.ts'

const totals = (relations: Readonly<Record<string, Readonly<Record<string, string>>>>) => [
  {
    totals: Object.fromEntries(
      Object.entries(relations).map(([relation, sums]) => [relation, { rows: 1, sums, tolerance: 0 }]),
    ),
  },
]

describe('control totals', () => {
  test('that are met are no drift, each compared once', () => {
    const attested = [...totals({ part: { quantity: '1.50' } }), ...totals({ part: { quantity: '1.5' } })]
    expect(driftOf(attested, { part: { rows: 1, sums: { quantity: '1.500' } } })).toEqual([])
    expect(driftOf(attested, { part: { rows: 2, sums: { quantity: '1.500' } } })).toEqual([
      'part: rows is 2, attested 1',
    ])
  })

  test('named like members of every object are names like any other', () => {
    const attested = totals({ constructor: { quantity: '1' }, part: { toString: '1', valueOf: '1' } })
    expect(driftOf(attested, { part: { rows: 1, sums: {} } })).toEqual([
      'constructor could not be measured',
      'part: sum of toString could not be measured',
      'part: sum of valueOf could not be measured',
    ])
    const measured = {
      constructor: { rows: 1, sums: { quantity: '1' } },
      part: { rows: 1, sums: { toString: '1', valueOf: '1' } },
    }
    expect(driftOf(attested, measured)).toEqual([])
  })

  test('measured as no number drift, whatever the tolerance', () => {
    const attested = totals({ part: { quantity: '1' } })
    for (const quantity of ['NaN', 'Infinity', '1e0'])
      expect(driftOf(attested, { part: { rows: 1, sums: { quantity } } })).toHaveLength(1)
  })

  test('that drift are told in no more than the reason of a closing can say', () => {
    const names = Array.from({ length: 200 }, (_, index) => `relation_${index}_${'x'.repeat(50)}`)
    const attested = totals(Object.fromEntries(names.map(name => [name, { ['c'.repeat(63)]: '9'.repeat(30) }])))
    const measured = Object.fromEntries(
      names.map(name => [name, { rows: 1, sums: { ['c'.repeat(63)]: '8'.repeat(100_000) } }]),
    )
    const drift = driftOf(attested, measured)
    expect(drift.at(-1)).toBe('and 192 more')
    expect(drift.join('; ').length).toBeLessThanOrEqual(MAX_REASON)
    expect(drift[0]).toMatch(/^relation_0_x+: sum of c+ is 8+\.\.\.$/)
  })
})
