import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Budgets, createBudgets } from '../../src/admission/budget.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { createSums } from './sums.ts'
import { spend, viewerOf } from './viewer.ts'

const LIMIT = 60_000
const alpha = viewerOf('BPNL0000000ALPHA', { costPerMinute: LIMIT })

function start(count: number) {
  let now = Date.parse('2025-11-20T08:00:00.000Z')
  const clock = { now: () => now }
  const sums = createSums(clock)
  const advance = (ms: number) => {
    now += ms
  }
  return { sums, advance, instances: Array.from({ length: count }, () => createBudgets(clock, sums)) }
}

function startOne() {
  const { instances, ...rest } = start(1)
  const [budgets] = instances
  if (budgets === undefined) throw new Error('one was started')
  return { budgets, ...rest }
}

/** Whether it was let through. What is fetched in the background has come when it resolves. */
async function tryToSpend(budgets: Budgets, cost: number, viewer = alpha): Promise<boolean> {
  try {
    await budgets.spend(viewer, cost)
    return true
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'RATE_LIMITED') return false
    throw error
  } finally {
    await setImmediate()
  }
}

describe('an instance that leases from the minute in the store', () => {
  test('waits for it twice a minute, and asks it seldom', async () => {
    const { budgets, sums } = startOne()
    let waits = 0
    for (let n = 0; n < 5_000; n++) {
      const spending = budgets.spend(alpha, 10)
      if (spending !== undefined) waits++
      await spending
      await setImmediate()
    }
    expect(waits).toBe(2)
    expect(sums.additions).toBeLessThan(200)
    expect(await budgets.peek(alpha)).toMatchObject({ costRemaining: 10_000 })
  })

  test('holds nothing where its partner asks it once, and 3 % of what is left at most', async () => {
    const { instances, sums } = start(2)
    const [first, second] = instances as [Budgets, Budgets]
    await tryToSpend(first, 10)
    expect(await second.peek(alpha)).toMatchObject({ costRemaining: LIMIT - 10 })
    for (let n = 0; n < 1_000; n++) {
      await tryToSpend(first, 10)
      const [ours, theirs] = [await first.peek(alpha), await second.peek(alpha)]
      const held = ours.costRemaining - theirs.costRemaining
      expect(held).toBeGreaterThanOrEqual(0)
      expect(held).toBeLessThanOrEqual(ours.costRemaining * 0.0301)
    }
    expect(sums.additions).toBeGreaterThan(2)
  })

  test('loses nothing by it: what it is let through, and what it is refused, is as without leases', async () => {
    const costs = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(costs, fc.integer({ min: 50, max: 5_000 }), async (given, limit) => {
        const { budgets } = startOne()
        const viewer = { ...alpha, costPerMinute: limit }
        let spent = 0
        for (const cost of given) {
          const isCovered = spent + cost <= limit
          expect(await tryToSpend(budgets, cost, viewer)).toBe(isCovered)
          if (isCovered) spent += cost
          expect(await budgets.peek(viewer)).toMatchObject({ costRemaining: limit - spent })
        }
      }),
      { numRuns: 100 },
    )
  })

  test('holds no more where many operations come at once', async () => {
    const { instances } = start(2)
    const [first, second] = instances as [Budgets, Budgets]
    await tryToSpend(first, 10)
    await Promise.all(Array.from({ length: 100 }, () => tryToSpend(first, 10)))
    expect(await first.peek(alpha)).toMatchObject({ costRemaining: LIMIT - 1_010 })
    expect((await second.peek(alpha)).costRemaining).toBeGreaterThan((LIMIT - 1_010) * 0.97)
  })

  test('keeps what it holds where an operation is refused, and spends it with what is left', async () => {
    const { instances } = start(2)
    const [first, second] = instances as [Budgets, Budgets]
    for (let n = 0; n < 3; n++) await tryToSpend(first, 10)
    const { costRemaining } = await second.peek(alpha)
    expect(await tryToSpend(second, costRemaining - 5)).toBe(true)
    const held = (await first.peek(alpha)).costRemaining
    expect(held).toBeGreaterThan(5)
    expect(await tryToSpend(first, held + 1)).toBe(false)
    expect(await tryToSpend(first, held)).toBe(true)
    expect(await tryToSpend(first, 1)).toBe(false)
  })

  test('takes the cost alone where others have left too little for a lease', async () => {
    const { instances } = start(2)
    const [first, second] = instances as [Budgets, Budgets]
    expect(await tryToSpend(first, 10)).toBe(true)
    expect(await tryToSpend(second, LIMIT - 30)).toBe(true)
    expect(await tryToSpend(first, 10)).toBe(true)
    expect(await tryToSpend(first, 10)).toBe(true)
    expect(await tryToSpend(first, 1)).toBe(false)
  })

  test('with others never lets more through in a minute than the limit, and little less', async () => {
    const step = fc.record({
      by: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 }),
      cost: fc.integer({ min: 1, max: 40 }),
      times: fc.integer({ min: 1, max: 20 }),
      thenMs: fc.constantFrom(0, 0, 0, 1, 20_000, 60_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
        const { instances, sums, advance } = start(3)
        const viewer = { ...alpha, costPerMinute: 2_000 }
        const spent = new Map<number, number>()
        for (const { by, cost, times, thenMs } of steps) {
          for (let n = 0; n < times; n++) {
            const asked = by.flatMap(one => instances[one] ?? [])
            const outcomes = await Promise.all(asked.map(one => tryToSpend(one, cost, viewer)))
            const through = outcomes.filter(Boolean).length * cost
            spent.set(sums.minutes, (spent.get(sums.minutes) ?? 0) + through)
          }
          advance(thenMs)
        }
        for (const total of spent.values()) expect(total).toBeLessThanOrEqual(2_000)
      }),
      { numRuns: 100 },
    )
    const { instances } = start(3)
    let through = 0
    for (let n = 0; n < 9_000; n++)
      for (const one of instances) if (await tryToSpend(one, 10, { ...alpha, costPerMinute: 90_000 })) through += 10
    expect(through).toBe(90_000)
  })

  test('spends what it holds while the store is away, and counts on by itself, at once', async () => {
    const { budgets, sums } = startOne()
    for (let n = 0; n < 10; n++) await tryToSpend(budgets, 10)
    sums.isAway = true
    for (let n = 10; n < LIMIT / 10; n++) expect(budgets.spend(alpha, 10)).toBeUndefined()
    expect(() => budgets.spend(alpha, 1)).toThrow(GatewayError)
    expect(await budgets.peek(alpha)).toMatchObject({ costRemaining: 0 })
  })

  test('keeps no lease of a minute for the next', async () => {
    const { budgets, sums, advance } = startOne()
    for (let n = 0; n < 10; n++) await tryToSpend(budgets, 10)
    expect(budgets.spend(alpha, 10)).toBeUndefined()
    advance(60_000)
    expect(budgets.spend(alpha, 10)).toBeInstanceOf(Promise)
    await setImmediate()
    expect(sums.minutes).toBe(2)
    expect(await budgets.peek(alpha)).toMatchObject({ costRemaining: LIMIT - 10 })
  })

  test('keeps no lease that comes when its minute is over', async () => {
    const { budgets, sums, advance } = startOne()
    await tryToSpend(budgets, 10)
    const answer = sums.holdAnswer()
    const late = tryToSpend(budgets, 10)
    await setImmediate()
    advance(60_000)
    await tryToSpend(budgets, 10)
    answer()
    expect(await late).toBe(true)
    expect(budgets.spend(alpha, 10)).toBeInstanceOf(Promise)
  })

  test('keeps no lease under a limit that the registry has changed', async () => {
    const { budgets, sums } = startOne()
    for (let n = 0; n < 10; n++) await tryToSpend(budgets, 10)
    const lowered = { ...alpha, costPerMinute: 110 }
    const before = sums.additions
    expect(await tryToSpend(budgets, 10, lowered)).toBe(false)
    expect(sums.additions).toBe(before + 1)
  })

  test('counts for each partner by itself', async () => {
    const { budgets } = startOne()
    const beta = viewerOf('BPNL00000000BETA', { costPerMinute: 500 })
    for (let n = 0; n < 10; n++) await tryToSpend(budgets, 10)
    expect(await spend(budgets, beta, 500)).toMatchObject({ costRemaining: 0 })
    expect(budgets.spend(alpha, 10)).toBeUndefined()
  })
})
