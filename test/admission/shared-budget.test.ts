import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Budgets, createBudgets } from '../../src/admission/budget.ts'
import { systemClock } from '../../src/model/clock.ts'
import { keyOf } from '../../src/model/key.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { openedStore, type TestStore, until } from '../support/shared-store.ts'
import { spend, viewerOf } from './viewer.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
const alpha = viewerOf('BPNL0000000ALPHA', { costPerMinute: 100 })
const beta = viewerOf('BPNL00000000BETA', { costPerMinute: 500 })

withRedis('the budget of a partner, counted by two instances in one store', () => {
  let redis: RedisServer
  let stores: readonly TestStore[]
  let first: Budgets
  let second: Budgets
  beforeAll(async () => {
    redis = await startRedis(binary ?? '')
  })
  afterAll(() => redis?.stop())
  beforeEach(async () => {
    redis.run('FLUSHALL')
    const [a, b] = await Promise.all([openedStore({ url: redis.url }), openedStore({ url: redis.url })])
    if (!a || !b) throw new Error('two stores were opened')
    stores = [a, b]
    first = createBudgets(systemClock, a)
    second = createBudgets(systemClock, b)
  })
  afterEach(() => Promise.all(stores.map(store => store.close())))

  test('is one minute of one budget, wherever it is spent', async () => {
    const begun = await spend(first, alpha, 60)
    expect(begun).toMatchObject({ costLimit: 100, costRemaining: 40 })
    const seen = await second.peek(alpha)
    expect(seen.costRemaining).toBe(40)
    expect(Math.abs(Date.parse(seen.resetsAt) - Date.parse(begun.resetsAt))).toBeLessThan(1_000)
    await expect(spend(second, alpha, 41)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: {
        costLimit: 100,
        costRemaining: 40,
        resetsAt: expect.any(String),
        retryAfterSeconds: expect.any(Number),
      },
    })
    expect(await spend(second, alpha, 40)).toMatchObject({ costRemaining: 0 })
    await expect(spend(first, alpha, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(await spend(first, beta, 500)).toMatchObject({ costRemaining: 0 })
  })

  test('is counted in fractions where the costs are', async () => {
    await spend(first, alpha, 0.5)
    expect(await spend(second, alpha, 99.25)).toMatchObject({ costRemaining: 0.25 })
  })

  test('is never overspent, however many operations come to both at once', async () => {
    const spendings = Array.from({ length: 60 }, (_, n) => spend(n % 2 === 0 ? first : second, alpha, 7))
    const outcomes = await Promise.allSettled(spendings)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(14)
  })

  test('is counted on by each instance while the store is away, without a wait, from what it let through itself', async () => {
    await spend(first, alpha, 60)
    await redis.kill()
    try {
      await until(() => stores.every(store => store.connectedSince() === null))
      const started = performance.now()
      expect(await first.peek(alpha)).toMatchObject({ costRemaining: 40 })
      await expect(spend(first, alpha, 41)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
      expect(await spend(first, alpha, 40)).toMatchObject({ costRemaining: 0 })
      // What the other let through is not known here: at most, each instance gives a whole budget.
      expect(await spend(second, alpha, 100)).toMatchObject({ costRemaining: 0 })
      await expect(spend(second, alpha, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
      expect(performance.now() - started).toBeLessThan(150)
    } finally {
      await redis.restart()
    }
  })

  test('is not begun anew by an instance whose store comes back empty', async () => {
    await spend(first, alpha, 60)
    redis.run('FLUSHALL')
    expect(await first.peek(alpha)).toMatchObject({ costRemaining: 40 })
    await expect(spend(first, alpha, 41)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { costRemaining: 40 },
    })
    expect(await spend(first, alpha, 40)).toMatchObject({ costRemaining: 0 })
    redis.run('FLUSHALL')
    const spendings = await Promise.allSettled(Array.from({ length: 20 }, () => spend(first, beta, 50)))
    expect(spendings.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    await expect(spend(first, alpha, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('is never overspent by operations of one instance that come while the store loses its memory', async () => {
    const spendings = Array.from({ length: 40 }, async (_, n) => {
      if (n % 10 === 0) redis.run('FLUSHALL')
      await setTimeout(n)
      return spend(first, alpha, 7)
    })
    const outcomes = await Promise.allSettled(spendings)
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(14)
  })

  test("ends with the store's minute in every instance, whenever that one spent in it first", async () => {
    const sum = keyOf('budget', alpha.partner.bpnl)
    await stores[1]?.addWithin(sum, 10, 100, 700)
    expect(await spend(first, alpha, 90)).toMatchObject({ costRemaining: 0 })
    await until(async () => (await stores[0]?.sum(sum)) === null)
    // The instance's own count may end a moment after.
    await until(() => first.peek(alpha).then(({ costRemaining }) => costRemaining === 100))
    expect(await spend(first, alpha, 100)).toMatchObject({ costRemaining: 0 })
  })

  test('costs one bounded wait where the store freezes', async () => {
    redis.freeze()
    try {
      const started = performance.now()
      for (let spending = 0; spending < 100; spending++) await first.spend(alpha, 1)
      expect(performance.now() - started).toBeLessThan(200 + 300)
      await expect(spend(first, alpha, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    } finally {
      redis.thaw()
    }
  })
})
