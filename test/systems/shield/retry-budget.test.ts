import { describe, expect, test } from '@jest/globals'
import { createRetryBudget } from '../../../src/systems/shield/retry-budget.ts'

describe('the retry budget', () => {
  test('gives a tenth of the calls, and two beside at most', () => {
    const budget = createRetryBudget(10)
    let retries = 0
    for (let call = 0; call < 1_000; call++) {
      budget.earn()
      if (budget.spend()) retries += 1
    }
    expect(retries).toBe(101)
  })

  test('has one for the first call, and lays by no more than two', () => {
    const budget = createRetryBudget(10)
    expect(budget.left()).toBe(1)
    for (let call = 0; call < 1_000; call++) budget.earn()
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false])
  })

  test('of nothing gives none', () => {
    const budget = createRetryBudget(0)
    for (let call = 0; call < 1_000; call++) budget.earn()
    expect(budget.spend()).toBe(false)
  })
})
