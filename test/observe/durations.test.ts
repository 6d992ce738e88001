import { expect, test } from '@jest/globals'
import { createCounters } from '../../src/observe/counters.ts'
import { BUCKETS_SECONDS } from '../../src/observe/durations.ts'

test('a duration counts in its bucket and in all above it, in the sum and in the count', () => {
  const counters = createCounters()
  const take = counters.timer('step_seconds', { step: 'a"b' })
  for (const seconds of [0.001, 0.0011, 0.3, 100]) take(seconds)
  const lines = counters.prometheus().split('\n')
  const bucket = (le: string) =>
    lines.find(line => line.startsWith(`recovery_gateway_step_seconds_bucket{le="${le}",step="a\\"b"}`))?.split(' ')[1]
  expect(lines[0]).toBe('# TYPE recovery_gateway_step_seconds histogram')
  expect(['0.001', '0.0025', '0.25', '0.5', '8', '+Inf'].map(bucket)).toEqual(['1', '2', '2', '3', '3', '4'])
  expect(lines.slice(-3)).toEqual([
    'recovery_gateway_step_seconds_sum{step="a\\"b"} 100.3021',
    'recovery_gateway_step_seconds_count{step="a\\"b"} 4',
    '',
  ])
  expect(lines.filter(line => line.includes('_bucket'))).toHaveLength(BUCKETS_SECONDS.length + 1)
})

test('buckets rise, so that the histograms of several instances can be added up', () =>
  expect(BUCKETS_SECONDS).toEqual([...BUCKETS_SECONDS].toSorted((a, b) => a - b)))

test('a histogram has a bounded number of series, and no duration is lost', () => {
  const counters = createCounters({ maxTimedSeries: 3 })
  for (let index = 0; index < 1_000; index++) counters.timer('step_seconds', { client: `c${index % 500}` })(1)
  const counts = counters.prometheus().match(/_count\{.*/g)
  expect(counts).toEqual([
    '_count{client="c0"} 2',
    '_count{client="c1"} 2',
    '_count{client="c2"} 2',
    '_count{overflow="true"} 994',
  ])
})

test('the same timer is the same series, whoever looks it up', () => {
  const counters = createCounters()
  counters.timer('step_seconds', { a: '1', b: '2' })(1)
  counters.timer('step_seconds', { b: '2', a: '1' })(1)
  expect(counters.prometheus()).toContain('recovery_gateway_step_seconds_count{a="1",b="2"} 2\n')
})
