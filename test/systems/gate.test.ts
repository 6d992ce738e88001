import { describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import { LIFECYCLES, SYSTEM_KEYS, type SystemLifecycle } from '../../src/model/system.ts'
import { createGate } from '../../src/systems/gate.ts'
import { createDeclaredRecovery, declaredState, recoveryOf } from '../support/declared-recovery.ts'
import { viewerOf } from './viewer.ts'

const KEY = 'WHOLESALE_FINANCE'
const SERVING: readonly SystemLifecycle[] = ['OPEN', 'NORMAL_OPERATION']

const errorOf = (run: () => unknown): GatewayError => {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe.each(LIFECYCLES)('a system that is %s', lifecycle => {
  test.each([null, 1, 2, 3])('serves wave %p only if it may', wave => {
    const recovery = recoveryOf({ [KEY]: { lifecycle, waves: [1, 2] } })
    const gate = createGate(recovery, () => {})
    const viewer = viewerOf(undefined, { wave })
    const isServed = SERVING.includes(lifecycle) || (lifecycle === 'LIMITED_OPEN' && (wave === 1 || wave === 2))
    expect(gate.isOpen(KEY, viewer)).toBe(isServed)
    if (isServed) expect(gate.admit(KEY, viewer)).toBe(recovery.current().epochs[KEY])
    else
      expect(errorOf(() => gate.admit(KEY, viewer))).toMatchObject({ code: 'SYSTEM_NOT_OPEN', details: { lifecycle } })
  })

  test('says nothing about the others', () => {
    const gate = createGate(recoveryOf({ [KEY]: { lifecycle } }), () => {})
    for (const other of SYSTEM_KEYS.filter(key => key !== KEY)) expect(gate.isOpen(other, viewerOf())).toBe(true)
  })
})

test('a system that opens to waves and names none serves nobody', () => {
  const gate = createGate(recoveryOf({ [KEY]: { lifecycle: 'LIMITED_OPEN', waves: [] } }), () => {})
  for (const wave of [null, 1, 2]) expect(gate.isOpen(KEY, viewerOf(undefined, { wave }))).toBe(false)
})

describe('what was admitted', () => {
  test('is confirmed while nothing changes', () => {
    const gate = createGate(recoveryOf(), () => {})
    expect(() => gate.confirm(KEY, viewerOf(), gate.admit(KEY, viewerOf()))).not.toThrow()
  })

  test('is not confirmed once the system has closed', () => {
    const recovery = recoveryOf()
    const gate = createGate(recovery, () => {})
    const epoch = gate.admit(KEY, viewerOf())
    recovery.declare(declaredState({ [KEY]: { lifecycle: 'SUSPENDED' } }))
    expect(errorOf(() => gate.confirm(KEY, viewerOf(), epoch)).code).toBe('SYSTEM_NOT_OPEN')
  })

  test('is not confirmed when the system has closed and opened again meanwhile', () => {
    const recovery = recoveryOf()
    const gate = createGate(recovery, () => {})
    const epoch = gate.admit(KEY, viewerOf())
    recovery.declare(declaredState({ [KEY]: { lifecycle: 'SUSPENDED' } }))
    recovery.declare(declaredState())
    expect(errorOf(() => gate.confirm(KEY, viewerOf(), epoch))).toMatchObject({
      code: 'SYSTEM_UNAVAILABLE',
      retryable: true,
      details: { system: KEY },
    })
  })

  test('is confirmed although another system has changed', () => {
    const recovery = recoveryOf()
    const gate = createGate(recovery, () => {})
    const epoch = gate.admit(KEY, viewerOf())
    const { state } = recovery.current()
    const closed = { ...state.systems.PARTS_LOGISTICS, lifecycle: 'SUSPENDED' } as const
    recovery.declare({ ...state, systems: { ...state.systems, PARTS_LOGISTICS: closed } })
    expect(gate.isOpen('PARTS_LOGISTICS', viewerOf())).toBe(false)
    expect(() => gate.confirm(KEY, viewerOf(), epoch)).not.toThrow()
  })

  test('is not confirmed under the epoch of another system', () => {
    const gate = createGate(recoveryOf(), () => {})
    expect(errorOf(() => gate.confirm(KEY, viewerOf(), gate.admit('PARTS_LOGISTICS', viewerOf()))).code).toBe(
      'SYSTEM_UNAVAILABLE',
    )
  })
})

describe('a viewer that no longer has its rights', () => {
  const forbidden = new GatewayError('FORBIDDEN', 'No.')

  test('is neither admitted nor confirmed, from the change on', () => {
    const recovery = recoveryOf()
    let isCurrent = true
    const gate = createGate(recovery, () => {
      if (!isCurrent) throw forbidden
    })
    const viewer = viewerOf()
    const epoch = gate.admit(KEY, viewer)
    isCurrent = false
    recovery.grant([])
    expect(errorOf(() => gate.admit(KEY, viewer))).toBe(forbidden)
    expect(errorOf(() => gate.confirm(KEY, viewer, epoch))).toBe(forbidden)
    expect(errorOf(() => gate.confirmViewer(viewer))).toBe(forbidden)
  })

  test('is not taken for another that has just been let in', () => {
    const [one, other] = [viewerOf(), viewerOf(undefined, { wave: 1 })]
    const gate = createGate(recoveryOf(), viewer => {
      if (viewer === other) throw forbidden
    })
    for (let turn = 0; turn < 2; turn++) {
      expect(() => gate.admit(KEY, one)).not.toThrow()
      expect(errorOf(() => gate.admit(KEY, other))).toBe(forbidden)
    }
  })
})

describe('a refusal', () => {
  const secret = 'ransom note on host db7'
  const refusal = (nextUpdateBy: string | null, rest: Parameters<typeof declaredState>[1] = {}) => {
    const closed = {
      lifecycle: 'LIMITED_OPEN',
      waves: [41, 42],
      nextUpdateBy,
      knownLimitations: [secret],
      workaround: secret,
      contact: secret,
    } as const
    const gate = createGate(createDeclaredRecovery(declaredState({ [KEY]: closed }, rest)), () => {})
    return errorOf(() => gate.admit(KEY, viewerOf(undefined, { wave: 3 })))
  }

  test('tells the partner the system, its lifecycle and when to ask again, and nothing more', () => {
    const error = refusal('2025-10-08T09:00:00.000Z')
    expect(error.details).toEqual({
      system: KEY,
      lifecycle: 'LIMITED_OPEN',
      nextUpdateBy: '2025-10-08T09:00:00.000Z',
      retryAfter: '2025-10-08T09:00:00.000Z',
    })
    const told = JSON.stringify([error.message, error.details])
    for (const kept of [secret, '41', '42']) expect(told).not.toContain(kept)
    expect(error.cause).toBeUndefined()
  })

  test("gives the restart's next update where the system has none of its own", () =>
    expect(refusal(null, { nextUpdateBy: '2025-10-09T09:00:00.000Z' }).details).toMatchObject({
      nextUpdateBy: '2025-10-09T09:00:00.000Z',
      retryAfter: '2025-10-09T09:00:00.000Z',
    }))

  test('gives the reopening that is scheduled for this system, and no other', () => {
    const reopening = {
      bpns: null,
      waves: [],
      scheduledUntil: null,
      conditions: secret,
      recordedAt: '2025-10-07T08:00:00.000Z',
    } as const
    const { details } = refusal('2025-10-08T09:00:00.000Z', {
      plannedReopenings: [
        {
          ...reopening,
          id: '1',
          system: 'PARTS_LOGISTICS',
          scheduledFor: '2025-10-10T00:00:00.000Z',
          status: 'SCHEDULED',
        },
        { ...reopening, id: '2', system: KEY, scheduledFor: '2025-10-11T00:00:00.000Z', status: 'WITHDRAWN' },
        { ...reopening, id: '3', system: KEY, scheduledFor: '2025-10-12T00:00:00.000Z', status: 'SCHEDULED' },
      ],
    })
    expect(details.retryAfter).toBe('2025-10-12T00:00:00.000Z')
    expect(JSON.stringify(details)).not.toContain(secret)
  })
})
