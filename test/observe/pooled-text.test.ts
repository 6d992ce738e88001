import { expect, test } from '@jest/globals'
import { createCounters } from '../../src/observe/counters.ts'
import { prometheusGauges } from '../../src/observe/gauges.ts'
import { poolExpositions } from '../../src/observe/pooled-text.ts'

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

test('of no process at all there is nothing', () => expect(poolExpositions('worker', new Map())).toBe(''))
