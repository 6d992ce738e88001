import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { renewedAllowance } from '../../src/store/byte-allowance.ts'
import type { SharedStore } from '../../src/store/shared-store.ts'

const DAY_MS = 86_400_000
const BOUND = 600_000
/** What one window of long lives gives to all, and to one partner. */
const WINDOW = BOUND / 3 / 2
const SHARE = WINDOW / 8

/** The sums of a store that never fails, with a clock that a test moves. */
function sharedSums() {
  let nowMs = 1_000_000_000_000
  const sums = new Map<string, { total: number; readonly endsMs: number }>()
  const addWithin: SharedStore['addWithin'] = async (key, amount, limit, ttlMs) => {
    const before = sums.get(key)
    const sum = before !== undefined && before.endsMs > nowMs ? before : { total: 0, endsMs: nowMs + ttlMs }
    sums.set(key, sum)
    const isWithin = sum.total + amount <= limit
    if (isWithin) sum.total += amount
    return { total: sum.total, remainingMs: sum.endsMs - nowMs, isWithin }
  }
  return {
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms
    },
    instance: () => renewedAllowance({ addWithin }, 'bytes', BOUND, { now: () => nowMs }),
  }
}
type Allowance = ReturnType<ReturnType<typeof sharedSums>['instance']>

/** How many texts of a partner are let in until one is not. */
async function takenBy(allowance: Allowance, by: string, bytes: number, ttlMs: number): Promise<number> {
  let taken = 0
  while (await allowance.take(bytes, ttlMs, `${by} ${taken}`, by)) taken += 1
  return taken
}

describe('the room for what was given last', () => {
  test('is shared out: whatever one partner reads, another has its share, in every instance', async () => {
    const { instance } = sharedSums()
    const [one, other] = [instance(), instance()]
    expect((await takenBy(one, 'noisy', 100, DAY_MS)) * 100).toBeLessThanOrEqual(SHARE)
    expect(await takenBy(other, 'noisy', 100, DAY_MS)).toBe(0)
    expect((await takenBy(other, 'quiet', 100, DAY_MS)) * 100).toBeGreaterThan(SHARE * 0.9)
  })

  test('is all of it given where many ask, and no more', async () => {
    const { instance } = sharedSums()
    const allowance = instance()
    let taken = 0
    for (let partner = 0; partner < 20; partner++) taken += await takenBy(allowance, `partner ${partner}`, 100, DAY_MS)
    expect(taken * 100).toBeLessThanOrEqual(WINDOW)
    expect(taken * 100).toBeGreaterThan(WINDOW * 0.9)
  })

  test.each([
    ['a day', DAY_MS, 1],
    ['two weeks', 14 * DAY_MS, 7],
  ])('that is spent for texts of %s is there again after its window, and not before', async (_what, ttlMs, days) => {
    const { instance, pass } = sharedSums()
    const allowance = instance()
    await takenBy(allowance, 'a', 100, ttlMs)
    pass(days * DAY_MS - 1)
    expect(await allowance.take(100, ttlMs, 'another', 'a')).toBe(false)
    pass(1)
    expect(await allowance.take(100, ttlMs, 'another', 'a')).toBe(true)
  })

  test('is never exceeded by what is there, however it is written and renewed', async () => {
    const write = fc.record({
      afterMs: fc.integer({ min: 0, max: 2 * DAY_MS }),
      bytes: fc.integer({ min: 50, max: 2_000 }),
      ttlMs: fc.constantFrom(3_600_000, DAY_MS, 2 * DAY_MS, 14 * DAY_MS),
      text: fc.nat(60),
      by: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
      times: fc.integer({ min: 1, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 80 }), async writes => {
        const { instance, now, pass } = sharedSums()
        const allowance = instance()
        const there = new Map<string, { readonly bytes: number; readonly endsMs: number }>()
        for (const { afterMs, bytes, ttlMs, text, by, times } of writes) {
          pass(afterMs)
          for (let n = 0; n < times; n++) {
            const key = `${ttlMs} ${text + n}`
            if (await allowance.take(bytes, ttlMs, key, by)) there.set(key, { bytes, endsMs: now() + ttlMs })
          }
          const held = [...there.values()].reduce((sum, each) => sum + (each.endsMs > now() ? each.bytes : 0), 0)
          expect(held).toBeLessThanOrEqual(BOUND)
        }
      }),
      { numRuns: 50 },
    )
  })
})
