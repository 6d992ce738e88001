import { expect, test } from '@jest/globals'
import { createCounters } from '../../src/observe/counters.ts'

test('counts are kept by name and labels, whatever the order of the labels', () => {
  const counters = createCounters()
  counters.count('rows_dropped', { system: 'PARTS_LOGISTICS', relation: 'part' })
  counters.count('rows_dropped', { relation: 'part', system: 'PARTS_LOGISTICS' })
  counters.count('refusals')
  expect(counters.snapshot()).toEqual([
    { name: 'rows_dropped', labels: { system: 'PARTS_LOGISTICS', relation: 'part' }, value: 2 },
    { name: 'refusals', labels: {}, value: 1 },
  ])
})

test('the text format is that of Prometheus, with label values escaped', () => {
  const counters = createCounters()
  counters.count('refusals', { code: 'a"b\\c\nd' })
  counters.count('cache_hits')
  expect(counters.prometheus()).toBe(
    [
      '# TYPE recovery_gateway_cache_hits_total counter',
      'recovery_gateway_cache_hits_total 1',
      '# TYPE recovery_gateway_refusals_total counter',
      'recovery_gateway_refusals_total{code="a\\"b\\\\c\\nd"} 1',
      '',
    ].join('\n'),
  )
  expect(createCounters().prometheus()).toBe('')
})

test('a counter has a bounded number of series, and no count is lost', () => {
  const counters = createCounters({ maxSeries: 3 })
  for (let index = 0; index < 1_000; index++) counters.count('refusals', { client: `c${index % 500}` })
  const samples = counters.snapshot()
  expect(samples).toHaveLength(4)
  expect(samples.at(-1)).toEqual({ name: 'refusals', labels: { overflow: 'true' }, value: 994 })
})

test('a name that Prometheus could not read is refused', () => {
  const counters = createCounters()
  for (const name of ['rows-dropped', '', 'Rows', 'a\n']) expect(() => counters.count(name)).toThrow(TypeError)
  expect(() => counters.count('rows', { 'a b': '1' })).toThrow('"a b" is no name of a metric or label')
})
