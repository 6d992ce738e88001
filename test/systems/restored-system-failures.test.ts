import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import { reading } from './scripted-connector.ts'
import { ALPHAS, ASKER, line, row, systemOver } from './small-system.ts'
import { BETA } from './viewer.ts'

const BETAS = { ...ALPHAS, value: BETA } as const

/** A system that is down until it is said to be up; what it is asked for is noted. */
function downSystem(fault: () => unknown = () => Promise.reject(new Error('503'))) {
  const asked: string[] = []
  let isUp = false
  const small = systemOver({
    lookup({ keys, visible }) {
      asked.push(keys.join())
      const owner = visible.kind === 'owner' ? visible.value : ''
      return isUp ? reading(keys.map(([number]) => row(number, 1, owner))) : fault()
    },
    page() {
      asked.push('page')
      return isUp ? reading([row('a')]) : fault()
    },
  })
  return {
    ...small,
    asked,
    comeUp() {
      isUp = true
    },
  }
}
const codes = (found: readonly unknown[]) => found.map(one => (one instanceof GatewayError ? one.code : 'rows'))

describe('a read that has failed', () => {
  test('by key is not asked again for a second by anybody who reads the same, and then it is', async () => {
    const { lookup, asked, comeUp, pass } = downSystem()
    await expect(lookup('a', 'b')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    const calls = asked.length
    comeUp()
    pass(999)
    for (const keys of [['a'], ['b'], ['b', 'a']])
      await expect(lookup(...keys)).rejects.toMatchObject({
        code: 'SYSTEM_UNAVAILABLE',
        details: { retryAfterSeconds: expect.any(Number) },
      })
    expect(asked).toHaveLength(calls)
    pass(1_001)
    expect(codes(await lookup('a', 'b'))).toEqual(['rows', 'rows'])
  })

  test('holds back its own keys alone, each in its place', async () => {
    const { lookup, asked, comeUp } = downSystem()
    await expect(lookup('a', 'c')).rejects.toThrow()
    comeUp()
    const found = await lookup('b', 'a', 'd', 'c')
    expect(found).toMatchObject([
      [{ number: 'b' }],
      { code: 'SYSTEM_UNAVAILABLE' },
      [{ number: 'd' }],
      { code: 'SYSTEM_UNAVAILABLE' },
    ])
    expect(asked.at(-1)).toBe('b,d')
  })

  test('by key is not that of somebody who may see other rows, nor one by other columns', async () => {
    const { system, lookup, comeUp } = downSystem()
    await expect(lookup('a')).rejects.toThrow()
    comeUp()
    expect(codes(await system.lookup(line, ['number'], [['a']], BETAS, ASKER))).toEqual(['rows'])
    expect(codes(await system.lookup(line, ['owner'], [['a']], ALPHAS, ASKER))).toEqual(['rows'])
    await expect(lookup('a')).rejects.toThrow()
  })

  test('on a page is not asked again for a second; another page is', async () => {
    const { system, page, asked, comeUp, pass } = downSystem()
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    comeUp()
    const calls = asked.length
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    expect(asked).toHaveLength(calls)
    const other = { where: [], after: null, first: 11 }
    expect((await system.page(line, other, ALPHAS, ASKER)).records).toHaveLength(1)
    pass(2_000)
    expect((await page()).records).toHaveLength(1)
  })

  test('because of one bad row is not asked again for its key, and for its key alone', async () => {
    const { lookup, asked, comeUp } = downSystem(() => reading([row('a', 'one'), row('b')]))
    expect(codes(await lookup('a', 'b'))).toEqual(['SYSTEM_DATA_INVALID', 'rows'])
    comeUp()
    expect(codes(await lookup('a', 'b'))).toEqual(['SYSTEM_DATA_INVALID', 'rows'])
    expect(asked).toEqual(['a,b', 'b'])
  })
})

describe('several reads that have failed', () => {
  test('each in its own way, are told each as itself', async () => {
    const faults = [() => reading([row('a', 'one'), row('b')]), () => Promise.reject(new Error('503'))]
    const { lookup, asked } = downSystem(() => faults[asked.length - 1]?.() ?? faults[1]?.())
    expect(codes(await lookup('a', 'b'))).toEqual(['SYSTEM_DATA_INVALID', 'rows'])
    await expect(lookup('c')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    const calls = asked.length
    expect(codes(await lookup('c', 'a'))).toEqual(['SYSTEM_UNAVAILABLE', 'SYSTEM_DATA_INVALID'])
    expect(asked).toHaveLength(calls)
  })
})

describe('a clock that is set back', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('makes no failure of a read be told for longer', async () => {
    const { lookup, comeUp, pass } = downSystem()
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    comeUp()
    pass(-30_000)
    await expect(lookup('a')).rejects.toThrow()
    jest.advanceTimersByTime(2_000)
    expect(codes(await lookup('a'))).toEqual(['rows'])
  })

  test('keeps no system from showing its proof', async () => {
    let isUp = false
    const { lookup, pass } = systemOver({
      probe: () => (isUp ? Promise.resolve() : Promise.reject(new Error('no such table'))),
      lookup: () => reading([row('b')]),
    })
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    isUp = true
    pass(-30_000)
    jest.advanceTimersByTime(2_000)
    expect(codes(await lookup('b'))).toEqual(['rows'])
  })
})

describe('a system that the gateway holds back from', () => {
  test('keeps the state that its last read showed, and nothing of that is remembered', async () => {
    const { system, lookup, comeUp } = downSystem()
    comeUp()
    await lookup('a')
    const late = { ...ASKER, waitedMs: 100 }
    await expect(system.lookup(line, ['number'], [['a']], ALPHAS, late)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
    expect(system.health().failure).toBeNull()
    expect(codes(await lookup('a'))).toEqual(['rows'])
  })

  test('is one whose reads fail, or whose rows are bad for every key; a bad row among good ones is its own matter', async () => {
    const one = downSystem(() => reading([row('a', 'one'), row('b')]))
    for (let n = 0; n < 60; n++) {
      await one.lookup('a', 'b').catch(() => {})
      one.pass(2_000)
    }
    expect(one.system.load().isBreakerOpen).toBe(false)
    for (const fault of [
      () => reading([row('a', 'one')]),
      () => reading([{}]),
      () => Promise.reject(new Error('503')),
    ]) {
      const all = downSystem(fault)
      for (let n = 0; n < 20; n++) {
        await all.lookup('a').catch(() => {})
        all.pass(2_000)
      }
      expect(all.system.load().isBreakerOpen).toBe(true)
    }
  })
})
