import { describe, expect, test } from '@jest/globals'
import { LIFECYCLES, type SystemLifecycle } from '../../../src/model/system.ts'
import { guardsOf, isStep, nextStep } from '../../../src/recovery/lifecycle/steps.ts'

describe('the steps of a system', () => {
  test('are these and no others', () => {
    const steps = LIFECYCLES.map(from => [from, LIFECYCLES.filter(to => isStep(from, to))])
    expect(Object.fromEntries(steps)).toEqual({
      ISOLATED: ['ISOLATED', 'CLEARED_FOR_RESTORE'],
      CLEARED_FOR_RESTORE: ['ISOLATED', 'RESTORING'],
      RESTORING: ['ISOLATED', 'QUARANTINED'],
      QUARANTINED: ['ISOLATED', 'RESTORING', 'VERIFIED'],
      VERIFIED: ['ISOLATED', 'RESTORING', 'LIMITED_OPEN', 'SUSPENDED'],
      LIMITED_OPEN: ['ISOLATED', 'LIMITED_OPEN', 'OPEN', 'SUSPENDED'],
      OPEN: ['ISOLATED', 'NORMAL_OPERATION', 'SUSPENDED'],
      NORMAL_OPERATION: ['ISOLATED', 'SUSPENDED'],
      SUSPENDED: ['ISOLATED', 'RESTORING', 'QUARANTINED', 'LIMITED_OPEN', 'SUSPENDED'],
    })
  })

  test('lead up one by one from ISOLATED to NORMAL_OPERATION', () => {
    const road: SystemLifecycle[] = ['ISOLATED']
    for (let to = nextStep('ISOLATED'); to !== null; to = nextStep(to)) road.push(to)
    expect(road).toEqual(LIFECYCLES.filter(lifecycle => lifecycle !== 'SUSPENDED'))
  })

  test('are guarded, but for cutting off and suspending', () => {
    expect(LIFECYCLES.filter(to => guardsOf(to).length === 0)).toEqual(['ISOLATED', 'SUSPENDED'])
  })

  test('have each guard once', () => {
    for (const to of LIFECYCLES) {
      const names = guardsOf(to).map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})
