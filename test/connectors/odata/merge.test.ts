import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { odataSchema } from '../../../src/config/odata-schema.ts'
import { compileMapping } from '../../../src/connectors/odata/mapping.ts'
import { merged } from '../../../src/connectors/odata/merge.ts'
import { likelyShapes } from '../../../src/connectors/odata/shapes.ts'
import { partSupersession } from '../../../src/systems/relations/parts-logistics.ts'
import { PART_RELATIONS } from './scripted.ts'

const baseUrl = 'https://sap.example'
const { relations } = odataSchema('/').parse({ kind: 'odata', version: 'V4', baseUrl, relations: PART_RELATIONS })
const entry = relations.part_supersession
if (entry === undefined) throw new Error('the relation is mapped')
const mapping = compileMapping(partSupersession, entry, new Map())
const dialect = { version: 'V4', mapping, shapes: likelyShapes(mapping, 'V4') } as const
const put = (answers: readonly (readonly string[])[], top: number) => {
  const entities = answers.map(numbers => numbers.map(PartNumber => ({ PartNumber })))
  const { entities: found, isWhole } = merged({ system: 'PARTS_LOGISTICS' }, dialect, entities, top)
  return { numbers: found.map(({ PartNumber }) => PartNumber), isWhole }
}

test('answers that were cut are the beginning of the whole list, without a gap, and as many as each was asked for', () => {
  const list = fc.uniqueArray(fc.integer({ min: 100, max: 999 }).map(String), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(fc.array(list, { minLength: 2, maxLength: 5 }), fc.integer({ min: 1, max: 12 }), (lists, top) => {
      const whole = [...new Set(lists.flat())].sort()
      const { numbers, isWhole } = put(
        lists.map(numbers => numbers.toSorted().slice(0, top)),
        top,
      )
      expect(numbers).toEqual(whole.slice(0, numbers.length))
      expect(numbers.length).toBeGreaterThanOrEqual(Math.min(top, whole.length))
      if (isWhole) expect(numbers).toEqual(whole)
    }),
  )
})

test('an answer that is sorted otherwise than by code point is refused, where several are put together', () => {
  expect(put([['a', 'B']], 5)).toEqual({ numbers: ['a', 'B'], isWhole: true })
  expect(() => put([['a', 'B'], []], 5)).toThrow(expect.objectContaining({ code: 'SYSTEM_DATA_INVALID' }))
})
