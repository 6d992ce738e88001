import { expect, test } from '@jest/globals'
import { createCounters } from '../../src/observe/counters.ts'
import { prometheusGauges } from '../../src/observe/gauges.ts'
import { poolExpositions } from '../../src/observe/pooled-text.ts'
import { parseExposition } from './exposition.ts'

test('samples of several processes stand together under their metric, each with its process', () => {
  const [first, second] = [createCounters(), createCounters()]
  first.count('refusals', { code: 'a {b="c"} d' })
  first.count('starts')
  second.count('starts', {}, 2)
  const gauge = prometheusGauges([{ name: 'sequence', read: () => [{ value: 7 }] }])
  const pooled = poolExpositions(
    'worker',
    new Map([
      ['1', first.prometheus()],
      ['3', second.prometheus() + gauge],
    ]),
  )
  expect(pooled.split('\n')).toEqual([
    '# TYPE recovery_gateway_refusals_total counter',
    'recovery_gateway_refusals_total{worker="1",code="a {b=\\"c\\"} d"} 1',
    '# TYPE recovery_gateway_starts_total counter',
    'recovery_gateway_starts_total{worker="1"} 1',
    'recovery_gateway_starts_total{worker="3"} 2',
    '# TYPE recovery_gateway_sequence gauge',
    'recovery_gateway_sequence{worker="3"} 7',
    '',
  ])
})

test('the histograms of each process stay whole under one line of help, and a query can add them up', () => {
  const [first, second] = [createCounters(), createCounters()]
  for (const counters of [first, second]) {
    counters.timer('request_duration_seconds', { operation: 'Parts' })(0.3)
    counters.count('reloads')
  }
  first.timer('request_duration_seconds', { operation: 'Parts' })(0.001)
  const pooled = poolExpositions(
    'worker',
    new Map([
      ['1', first.prometheus()],
      ['2', second.prometheus()],
    ]),
  )
  const family = parseExposition(pooled).get('recovery_gateway_request_duration_seconds')
  const sum = (name: string, le?: string) =>
    family?.samples
      .filter(sample => sample.name.endsWith(name) && sample.labels.le === le)
      .reduce((total, { value }) => total + value, 0)
  expect(family?.help).toBe('Time from the first byte of a request to the last of its answer')
  expect([sum('_bucket', '0.25'), sum('_bucket', '0.5'), sum('_bucket', '+Inf'), sum('_count')]).toEqual([1, 3, 3, 3])
})

test('of no process at all there is nothing', () => expect(poolExpositions('worker', new Map())).toBe(''))
