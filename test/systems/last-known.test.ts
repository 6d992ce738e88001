import { describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { SystemState } from '../../src/recovery/system-state.ts'
import { createGate } from '../../src/systems/gate.ts'
import { LastKnown } from '../../src/systems/last-known.ts'
import type { Kept, LastKnownGood } from '../../src/systems/last-known-good/last-known-good.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import type { RestoredSystem } from '../../src/systems/restored-system.ts'
import { createSystems } from '../../src/systems/systems.ts'
import { declaredState, recoveryOf } from '../support/declared-recovery.ts'
import { ALPHA, viewerOf } from './viewer.ts'

const KEY = 'PARTS_LOGISTICS'
const NOW_MS = Date.parse('2025-10-08T05:30:00Z')
const PAGE = { where: [], after: null, first: 10 }
const KEYS = [['A'], ['B']]
const LAST = { value: [{ partNumber: 'A', origin: 'last' }], readAtMs: NOW_MS - 1_000 }
const LAST_PAGE = { value: { records: [], hasNextPage: false, provenance: {} }, readAtMs: NOW_MS - 2_000 }

type Answer = () => Promise<readonly unknown[]>
const unavailable = (code: 'SYSTEM_UNAVAILABLE' | 'DEADLINE_EXCEEDED' | 'SYSTEM_DATA_INVALID') => async () => {
  throw new GatewayError(code, 'No.')
}
const answers: Answer = async () => [[{ partNumber: 'A' }], []]

/** A system that does as a test says, over something that knows A and the first page of what it gave last. */
function systemsOver(answer: Answer) {
  const recovery = recoveryOf()
  const kept: [string, Kept][] = []
  const calls: string[] = []
  const lastKnownGood = {
    keepRecords: (_l: unknown, _k: unknown, _f: unknown, given: Kept) => void kept.push(['records', given]),
    keepPage: (_p: unknown, _given: unknown, given: Kept) => void kept.push(['page', given]),
    findRecords: async () => [LAST, null],
    findPage: async () => LAST_PAGE,
    close: async () => {},
  } as unknown as LastKnownGood
  const restored = {
    lookup: () => {
      calls.push('lookup')
      return answer()
    },
    page: () => {
      calls.push('page')
      return answer()
    },
  } as unknown as RestoredSystem
  const systems = createSystems({
    restored: Object.fromEntries(SYSTEM_KEYS.map(key => [key, restored])) as Record<SystemKey, RestoredSystem>,
    gate: createGate(recovery, () => {}),
    lastKnownGood,
    clock: { now: () => NOW_MS },
  })
  const viewer = viewerOf(ALPHA, { wave: 1 })
  return {
    recovery,
    kept,
    calls,
    askGivenUp: (givenUp: GatewayError) =>
      systems.lookup(viewer, part, ['partNumber'], KEYS, {}, { seconds: 600, givenUp }),
    lookup: (seconds: number) => systems.lookup(viewer, part, ['partNumber'], KEYS, {}, { seconds, givenUp: null }),
    page: (seconds: number) => systems.page(viewer, part, PAGE, {}, { seconds, givenUp: null }),
  }
}

const suspended = (lastKnownGood: boolean, rest: Partial<SystemState> = {}) =>
  declaredState({
    [KEY]: {
      lifecycle: 'SUSPENDED',
      suspension: {
        cause: 'ORDERED',
        reason: 'r',
        at: '2025-10-08T05:00:00.000Z',
        from: 'OPEN',
        distrustSince: null,
        recorded: true,
        lastKnownGood,
      },
      ...rest,
    },
  })

describe('a system that cannot answer', () => {
  test.each(['SYSTEM_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const)(
    '%s: gives what it gave last, as that',
    async code => {
      const { lookup, page } = systemsOver(unavailable(code))
      const [known, unknown] = await lookup(600)
      expect(known).toBeInstanceOf(LastKnown)
      expect(known).toMatchObject({ lastRead: LAST, failure: { code } })
      expect(unknown).toMatchObject({ code })
      expect(await page(600)).toMatchObject({ lastRead: LAST_PAGE, failure: { code } })
    },
  )

  test('is not asked where it is given up, and gives what it gave last', async () => {
    const { askGivenUp, calls } = systemsOver(answers)
    const givenUp = new GatewayError('DEADLINE_EXCEEDED', 'Late.')
    expect(await askGivenUp(givenUp)).toMatchObject([{ lastRead: LAST, failure: givenUp }, givenUp])
    expect(calls).toEqual([])
  })

  test('of some keys alone: gives what it gave last of those, and of the others what it gives', async () => {
    const failure = new GatewayError('SYSTEM_UNAVAILABLE', 'No.')
    const { lookup } = systemsOver(async () => [failure, [{ partNumber: 'B' }]])
    expect(await lookup(600)).toMatchObject([{ lastRead: LAST, failure }, [{ partNumber: 'B' }]])
    expect(await lookup(0)).toEqual([failure, [{ partNumber: 'B' }]])
  })

  test('gives its failure where nobody may have what it gave last', async () => {
    const { lookup, page } = systemsOver(unavailable('SYSTEM_UNAVAILABLE'))
    await expect(lookup(0)).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    await expect(page(0)).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
  })

  test('gives no older data in the place of data that cannot be trusted', async () => {
    const { lookup, page } = systemsOver(unavailable('SYSTEM_DATA_INVALID'))
    await expect(lookup(600)).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    await expect(page(600)).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
  })

  test('gives nothing to whom it was closed meanwhile', async () => {
    const { recovery, lookup, page } = systemsOver(async () => {
      recovery.declare(suspended(false))
      throw new GatewayError('SYSTEM_UNAVAILABLE', 'No.')
    })
    await expect(lookup(600)).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
    await expect(page(600)).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
  })
})

describe('what a system gives', () => {
  test('is kept for those who may have it later, as of when the read began', async () => {
    const { recovery, kept, lookup, page } = systemsOver(answers)
    expect(await lookup(600)).toEqual([[{ partNumber: 'A' }], []])
    await page(60)
    const epoch = recovery.current().epochs[KEY]
    expect(kept).toEqual([
      ['records', { by: ALPHA, readAtMs: NOW_MS, epoch, seconds: 600 }],
      ['page', { by: ALPHA, readAtMs: NOW_MS, epoch, seconds: 60 }],
    ])
  })

  test('is not kept at all where nobody may', async () => {
    const { kept, lookup, page } = systemsOver(answers)
    await lookup(0)
    await page(0)
    expect(kept).toEqual([])
  })
})

describe('a suspended system', () => {
  test('gives what it gave before where its suspension allows it, and is not asked', async () => {
    const { recovery, calls, lookup, page } = systemsOver(answers)
    recovery.declare(suspended(true))
    const [known, unknown] = await lookup(600)
    expect(known).toMatchObject({ lastRead: LAST, failure: { code: 'SYSTEM_NOT_OPEN' } })
    expect(unknown).toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
    expect(await page(600)).toBeInstanceOf(LastKnown)
    expect(calls).toEqual([])
  })

  test('gives nothing where its suspension does not, nor to a wave that it did not serve', async () => {
    const { recovery, calls, lookup } = systemsOver(answers)
    const allowed = suspended(true).systems[KEY].suspension
    for (const state of [
      suspended(false),
      suspended(true, { suspension: allowed && { ...allowed, from: 'VERIFIED' } }),
      suspended(true, { suspension: allowed && { ...allowed, from: 'LIMITED_OPEN' }, waves: [2] }),
    ]) {
      recovery.declare(state)
      await expect(lookup(600)).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
    }
    expect(calls).toEqual([])
  })
})
