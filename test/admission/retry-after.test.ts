import { expect, test } from '@jest/globals'
import { retryAfterSeconds } from '../../src/admission/retry-after.ts'

test('nobody is asked back before it can be of use, nor later than was stated', () => {
  const back = { leastSeconds: 3, spreadSeconds: 4 }
  expect(retryAfterSeconds(back, () => 0)).toBe(3)
  expect(retryAfterSeconds(back, () => 0.999_999)).toBe(7)
})

test('a crowd that is refused together comes back spread evenly', () => {
  let n = 0
  const evenly = () => (n++ % 1_000) / 1_000
  const seconds = Array.from({ length: 1_000 }, () => retryAfterSeconds({ leastSeconds: 1, spreadSeconds: 4 }, evenly))
  expect([1, 2, 3, 4, 5].map(second => seconds.filter(one => one === second).length)).toEqual([200, 200, 200, 200, 200])
})
