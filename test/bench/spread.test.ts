import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { momentsOf } from '../../bench/measure/flood-moments.ts'
import { latenciesOf, percentile, spreadOf } from '../../bench/measure/spread.ts'

describe('many values', () => {
  test('come to the middle one, with the least, the most and all of them', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, raw: [3, 1, 2] })
    expect(spreadOf([4, 1]).median).toBe(2.5)
    expect(() => spreadOf([])).toThrow(RangeError)
  })

  test('have percentiles that are exact', () => {
    const latencies = latenciesOf(Array.from({ length: 1_001 }, (_, n) => 1_000 - n))
    expect(latencies).toEqual({ count: 1_001, p50: 500, p99: 990, p999: 999, most: 1_000 })
  })

  test('have percentiles between the least and the most, which never fall', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 }), values => {
        const found = [0, 50, 99, 99.9, 100].map(percent => percentile(values, percent))
        expect(found[0]).toBe(Math.min(...values))
        expect(found.at(-1)).toBe(Math.max(...values))
        expect(found).toEqual(found.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('a flood, second by second', () => {
  const answer = { n: 0, latencyMs: 5, status: 200 }

  test('counts an answer with an age as one from memory, and one without as new', () => {
    const answers = [
      { ...answer, dueMs: 10, age: 4 },
      { ...answer, dueMs: 20, age: 0 },
      { ...answer, dueMs: 30, age: null },
      { ...answer, dueMs: 1_999, age: 1 },
    ]
    const [first, second] = momentsOf(answers, [100, 200])
    expect(first).toMatchObject({ second: 0, asked: 3, hits: 1, residentBytes: 100 })
    expect(second).toMatchObject({ second: 1, asked: 1, hitPercent: 100, residentBytes: 200, p99Ms: 5 })
  })
})
