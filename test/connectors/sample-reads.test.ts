import { describe, expect, test } from '@jest/globals'
import { checkedLookup, checkedPage } from '../../src/connectors/query.ts'
import { sampleReads, sampleValue } from '../../src/connectors/sample-reads.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { partStock } from '../../src/systems/relations/parts-logistics.ts'

const ALL_RELATIONS = SYSTEM_KEYS.flatMap(system =>
  RELATIONS[system].map(relation => [relation.name, relation] as const),
)

describe.each(ALL_RELATIONS)('%s', (_, relation) => {
  test('has a sample value in each column that the border takes', () => {
    for (const column of Object.values(relation.columns))
      expect(column.schema.safeParse(sampleValue(column)).success).toBe(true)
  })

  test('is shown with a read of each kind, none of which is known beforehand to find nothing', () => {
    const reads = sampleReads(relation).map(({ read }) => read)
    for (const read of reads) {
      const checked = read.kind === 'lookup' ? checkedLookup(relation, read.query) : checkedPage(relation, read.query)
      expect(checked).not.toBeNull()
    }
    expect(reads.filter(({ kind }) => kind === 'lookup')).toHaveLength(relation.lookups.length)
    const pages = reads.flatMap(({ query }) => ('where' in query ? [query] : []))
    expect(pages.some(({ after }) => after !== null)).toBe(true)
    expect(pages.some(({ where }) => where.length > 0)).toBe(true)
    expect(pages.some(({ visible }) => visible.kind === 'all')).toBe(true)
    expect(pages.some(({ visible }) => (relation.access.kind === 'open') === (visible.kind === 'all'))).toBe(true)
  })
})

test('reads are named in the words of the configuration', () => {
  expect(sampleReads(partStock).map(({ title }) => title)).toEqual([
    'look-up by part_number, site_bpns, stock_status',
    'look-up by part_number',
    'look-up by part_number, site_bpns',
    'first page of the rows of two sites',
    'next page of the rows of two sites',
    'first page with a filter',
    'first page of all rows, as config check reads it',
  ])
})
