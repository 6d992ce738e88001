import { describe, expect, test } from '@jest/globals'
import { assertAffordable } from '../../src/admission/operation-cost.ts'
import { viewerOf } from './viewer.ts'

describe('one operation', () => {
  const viewer = viewerOf('BPNL00000000RT01', { operationCostLimit: 100 })

  test('may cost as much as the limit', () => expect(() => assertAffordable(viewer, 100)).not.toThrow())

  test('may not cost more, and is told both figures', () =>
    expect(() => assertAffordable(viewer, 101)).toThrow(
      expect.objectContaining({ code: 'COST_LIMIT', details: { cost: 101, costLimit: 100 } }),
    ))

  test('may not cost what is no number', () =>
    expect(() => assertAffordable(viewer, Number.NaN)).toThrow(expect.objectContaining({ code: 'COST_LIMIT' })))
})
