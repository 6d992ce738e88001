import { expect, test } from '@jest/globals'
import { createReadTally } from '../../src/systems/read-tally.ts'

const MINUTE_MS = 60_000

test('it counts the reads of the last hour, and those of earlier ones no longer', () => {
  let now = 1_000 * MINUTE_MS
  const tally = createReadTally({ now: () => now })
  tally.answered()
  tally.failed()
  now += 30 * MINUTE_MS
  tally.answered()
  expect(tally.lastHour()).toEqual({ answered: 2, failed: 1 })
  now += 30 * MINUTE_MS
  expect(tally.lastHour()).toEqual({ answered: 1, failed: 0 })
  tally.failed()
  expect(tally.lastHour()).toEqual({ answered: 1, failed: 1 })
  now += 24 * 60 * MINUTE_MS
  expect(tally.lastHour()).toEqual({ answered: 0, failed: 0 })
})
