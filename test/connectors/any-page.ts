import fc from 'fast-check'
import type { AnyRelation, Condition } from '../../src/systems/connector.ts'
import { keyOf } from './reference.ts'
import { SAMPLE, SAMPLE_RELATIONS, visibilities } from './sample.ts'

/** A page of any relation, with conditions and cursors from its own values, so that most of them match something. */
export const anyPage = fc.constantFrom(...SAMPLE_RELATIONS).chain(relation =>
  fc
    .record({
      visible: fc.constantFrom(...visibilities(relation)),
      where: fc.array(anyCondition(relation), { maxLength: 2 }),
      after: fc.option(fc.constantFrom(...(SAMPLE.get(relation) ?? []).map(row => keyOf(relation, row)))),
      first: fc.integer({ min: 1, max: 12 }),
    })
    .map(query => ({ relation, query })),
)

function anyCondition(relation: AnyRelation): fc.Arbitrary<Condition> {
  return fc.constantFrom(...Object.keys(relation.columns)).chain((column): fc.Arbitrary<Condition> => {
    const values = (SAMPLE.get(relation) ?? []).map(row => row[column] ?? null)
    if (relation.columns[column]?.kind === 'texts') {
      const held = fc.constantFrom('OTHER', '4500000021', 'LR101000', 'none')
      return held.map(value => ({ column, is: 'holding', value }))
    }
    const comparable = values.filter(value => typeof value === 'string' || typeof value === 'number')
    const equal = fc.constantFrom(...values).map((value): Condition => ({ column, is: 'equal', value }))
    const among = fc
      .array(fc.constantFrom(...values), { maxLength: 4 })
      .map((some): Condition => ({ column, is: 'in', values: some }))
    if (comparable.length === 0) return fc.oneof(equal, among)
    const ordered = fc
      .tuple(fc.constantFrom('atLeast', 'atMost', 'above', 'below'), fc.constantFrom(...comparable))
      .map(([is, value]): Condition => ({ column, is, value }))
    return fc.oneof(equal, among, ordered)
  })
}
