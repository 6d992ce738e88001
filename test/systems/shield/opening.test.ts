import { describe, expect, test } from '@jest/globals'
import type { SystemLifecycle } from '../../../src/model/system.ts'
import type { Transition } from '../../../src/recovery/system-state.ts'
import { createOpening } from '../../../src/systems/shield/opening.ts'
import { createDeclaredRecovery, declaredState } from '../../support/declared-recovery.ts'

const KEY = 'PARTS_LOGISTICS'
const step = (to: SystemLifecycle, recordedAt: string) =>
  ({ from: 'VERIFIED', to, recordedAt, at: '2025-01-01T00:00:00Z' }) as Transition

describe('the opening of a system', () => {
  test('is its latest step to its first waves or to all, by when the journal took it', () => {
    const transitions = [
      step('OPEN', '2025-10-01T08:00:00Z'),
      step('SUSPENDED', '2025-10-02T08:00:00Z'),
      step('LIMITED_OPEN', '2025-10-03T08:00:00Z'),
      step('NORMAL_OPERATION', '2025-10-04T08:00:00Z'),
    ]
    const recovery = createDeclaredRecovery(declaredState({ [KEY]: { transitions } }))
    const openedMs = createOpening(recovery, KEY)
    expect(openedMs()).toBe(Date.parse('2025-10-03T08:00:00Z'))
    const later = [...transitions, step('OPEN', '2025-10-05T08:00:00Z')]
    recovery.declare(declaredState({ [KEY]: { transitions: later } }))
    expect(openedMs()).toBe(Date.parse('2025-10-05T08:00:00Z'))
  })

  test('was long ago where none is known', () => {
    expect(createOpening(createDeclaredRecovery(declaredState()), KEY)()).toBe(Number.NEGATIVE_INFINITY)
  })
})
