import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { createBudgets } from '../../src/admission/budget.ts'
import { systemClock } from '../../src/model/clock.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { spend, viewerOf } from './viewer.ts'

const START = Date.parse('2025-11-20T08:00:00.000Z')
const alpha = viewerOf('BPNL0000000ALPHA', { costPerMinute: 100 })
const beta = viewerOf('BPNL00000000BETA', { costPerMinute: 500 })

describe('the budget of a partner', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: START })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  test('is whole before anything is spent, and looking at it spends nothing', async () => {
    const budgets = createBudgets(systemClock, null)
    const whole = { costLimit: 100, costRemaining: 100, resetsAt: '2025-11-20T08:01:00.000Z' }
    expect(await budgets.peek(alpha)).toEqual(whole)
    expect(await budgets.peek(alpha)).toEqual(whole)
  })

  test('falls by what is spent, to the last unit', async () => {
    const budgets = createBudgets(systemClock, null)
    expect(await spend(budgets, alpha, 60)).toMatchObject({ costRemaining: 40 })
    expect(await spend(budgets, alpha, 40)).toMatchObject({ costRemaining: 0 })
    expect(await budgets.peek(alpha)).toMatchObject({ costLimit: 100, costRemaining: 0 })
  })

  test('refuses what is over it, with figures and the seconds to wait, and does not count it', async () => {
    // The first to come back: nobody before the minute is over.
    const budgets = createBudgets(systemClock, null, () => 0)
    await spend(budgets, alpha, 60)
    jest.advanceTimersByTime(17_500)
    await expect(spend(budgets, alpha, 41)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterSeconds: 43, costLimit: 100, costRemaining: 40, resetsAt: '2025-11-20T08:01:00.000Z' },
    })
    expect(await spend(budgets, alpha, 40)).toMatchObject({ costRemaining: 0 })
  })

  test('has those come back who were refused, over five seconds from its end', async () => {
    const budgets = createBudgets(systemClock, null, () => 0.999)
    await spend(budgets, alpha, 100)
    await expect(spend(budgets, alpha, 1)).rejects.toMatchObject({ details: { retryAfterSeconds: 65 } })
  })

  test('is known at once as it is looked up, and refuses whoever has nothing left', async () => {
    const budgets = createBudgets(systemClock, null)
    expect(budgets.standing(alpha)).toEqual({ remaining: 100, resetsInMs: 60_000 })
    await spend(budgets, alpha, 99)
    jest.advanceTimersByTime(10_000)
    expect(budgets.standing(alpha)).toEqual({ remaining: 1, resetsInMs: 50_000 })
    expect(() => budgets.assertSolvent(alpha)).not.toThrow()
    await spend(budgets, alpha, 1)
    expect(() => budgets.assertSolvent(alpha)).toThrow(
      'This operation has to be read; of 100 a minute, 0 are left until 2025-11-20T08:01:00.000Z.',
    )
  })

  test('is whole again a minute after the first spending', async () => {
    const budgets = createBudgets(systemClock, null)
    await spend(budgets, alpha, 100)
    jest.advanceTimersByTime(59_999)
    await expect(spend(budgets, alpha, 1)).rejects.toThrow(GatewayError)
    jest.advanceTimersByTime(1)
    expect(await spend(budgets, alpha, 1)).toMatchObject({ costRemaining: 99 })
  })

  test('is shared by all clients of the partner and by nobody else', async () => {
    const budgets = createBudgets(systemClock, null)
    await spend(budgets, { ...alpha, clientId: 'another client' }, 100)
    await expect(spend(budgets, alpha, 1)).rejects.toThrow(GatewayError)
    expect(await spend(budgets, beta, 500)).toMatchObject({ costLimit: 500, costRemaining: 0 })
  })

  test('follows a limit that the registry lowers, at once', async () => {
    const budgets = createBudgets(systemClock, null)
    await spend(budgets, beta, 300)
    const lowered = { ...beta, costPerMinute: 200 }
    expect(await budgets.peek(lowered)).toMatchObject({ costLimit: 200, costRemaining: 0 })
    await expect(spend(budgets, lowered, 1)).rejects.toThrow(GatewayError)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('cannot be spent by %d', async cost => {
    const budgets = createBudgets(systemClock, null)
    await expect(spend(budgets, alpha, cost)).rejects.toThrow(RangeError)
    expect(await budgets.peek(alpha)).toMatchObject({ costRemaining: 100 })
  })

  test('is spent or refused at once, without a promise', () => {
    const budgets = createBudgets(systemClock, null)
    expect(budgets.spend(alpha, 60)).toBeUndefined()
    expect(() => budgets.spend(alpha, 41)).toThrow(GatewayError)
    expect(() => budgets.spend(alpha, Number.NaN)).toThrow(RangeError)
    expect(budgets.spend(alpha, 40)).toBeUndefined()
  })

  test('begins anew where the clock is set back behind its beginning', async () => {
    const budgets = createBudgets(systemClock, null)
    await spend(budgets, alpha, 100)
    jest.setSystemTime(START - 3_600_000)
    expect(await spend(budgets, alpha, 70)).toMatchObject({ costRemaining: 30, resetsAt: '2025-11-20T07:01:00.000Z' })
  })

  test('is never overspent, however many operations come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }), async costs => {
        const budgets = createBudgets(systemClock, null)
        const outcomes = await Promise.allSettled(costs.map(cost => spend(budgets, alpha, cost)))
        const spent = costs.filter((_cost, index) => outcomes[index]?.status === 'fulfilled')
        expect(spent.reduce((sum, cost) => sum + cost, 0)).toBeLessThanOrEqual(100)
      }),
      { numRuns: 200 },
    )
  })
})
