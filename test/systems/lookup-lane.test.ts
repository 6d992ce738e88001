import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GatewayError } from '../../src/model/errors.ts'
import type { Asker } from '../../src/systems/asker.ts'
import { gatherLookups } from '../../src/systems/gathered-lookups.ts'
import { createLookupLane, type Keys } from '../../src/systems/lookup-lane.ts'
import { hangs, reading } from './scripted-connector.ts'
import { ALPHAS, line, row, systemOver } from './small-system.ts'
import { ALPHA, BETA } from './viewer.ts'

const keysOf = (...numbers: readonly string[]): Keys => numbers.map(number => [number])
const turn = () => new Promise(resolve => setImmediate(resolve))

/** A system that is asked by hand: every read waits until it is let go. */
function held() {
  const reads: { readonly keys: readonly string[]; readonly answer: () => void; readonly fail: () => void }[] = []
  const lane = createLookupLane<string>(
    keys =>
      new Promise((resolve, reject) => {
        const names = keys.map(String)
        reads.push({
          keys: names,
          answer: () => resolve(names.map(name => `found ${name}`)),
          fail: () => reject(new Error('down')),
        })
      }),
  )
  return {
    reads,
    lookUp: (keys: Keys) => lane.lookUp(keys, ALPHA, () => {}),
    lane,
    asked: () => reads.map(({ keys }) => keys.join('')),
  }
}

describe('look-ups of one kind', () => {
  test('go out at once, each by itself, while the system has little to do', () => {
    const { lookUp, asked } = held()
    void lookUp(keysOf('a'))
    void lookUp(keysOf('b', 'c'))
    expect(asked()).toEqual(['a', 'bc'])
  })

  test('that come meanwhile go out as one when one is back, each key once, and each asker gets its own', async () => {
    const { reads, lookUp, lane, asked } = held()
    const first = lookUp(keysOf('a'))
    void lookUp(keysOf('b'))
    const others = [keysOf('c', 'd'), keysOf('d', 'a'), keysOf(), keysOf('e', 'c')].map(keys => lookUp(keys))
    await turn()
    expect(asked()).toEqual(['a', 'b'])
    reads[0]?.answer()
    expect(await first).toEqual(['found a'])
    await turn()
    expect(asked()).toEqual(['a', 'b', 'cdae'])
    reads[2]?.answer()
    expect(await Promise.all(others)).toEqual([
      ['found c', 'found d'],
      ['found d', 'found a'],
      [],
      ['found e', 'found c'],
    ])
    expect(lane.isIdle()).toBe(false)
    reads[1]?.answer()
    await turn()
    expect(lane.isIdle()).toBe(true)
  })

  test('are never more than two under way, nor of more than 500 keys where they were gathered', async () => {
    const { reads, lookUp } = held()
    const many = (from: number, count: number) => lookUp(Array.from({ length: count }, (_, n) => [`${from + n}`]))
    const asked = [many(0, 1), many(1, 1), many(1_000, 300), many(2_000, 300), many(3_000, 200), many(4_000, 700)]
    const sizes: number[] = []
    for (let next = 0; next < reads.length; next++) {
      expect(reads.length - next).toBeLessThanOrEqual(2)
      sizes.push(reads[next]?.keys.length ?? 0)
      reads[next]?.answer()
      await turn()
    }
    expect(sizes).toEqual([1, 1, 300, 500, 700])
    expect((await Promise.all(asked)).map(found => found.length)).toEqual([1, 1, 300, 300, 200, 700])
  })

  test('fail together, and those that come after them are asked again', async () => {
    const { reads, lookUp, asked } = held()
    const outcomes = ['a', 'b', 'c', 'd'].map(name => lookUp(keysOf(name)))
    for (const read of [0, 1]) reads[read]?.answer()
    await turn()
    const later = lookUp(keysOf('c'))
    reads[2]?.fail()
    expect((await Promise.allSettled(outcomes)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    reads[3]?.answer()
    expect(await later).toEqual(['found c'])
    expect(asked()).toEqual(['a', 'b', 'cd', 'c'])
  })

  test('go out for those alone who may still read when it is their turn', async () => {
    const { reads, lookUp, lane, asked } = held()
    void lookUp(keysOf('a'))
    void lookUp(keysOf('b'))
    let isClosed = false
    const confirm = () => {
      if (isClosed) throw new Error('closed')
    }
    const refused = lane.lookUp(keysOf('c', 'd'), BETA, confirm)
    const other = lookUp(keysOf('d', 'e'))
    isClosed = true
    reads[0]?.answer()
    await expect(refused).rejects.toThrow('closed')
    await turn()
    expect(asked()).toEqual(['a', 'b', 'de'])
    reads[2]?.answer()
    expect(await other).toEqual(['found d', 'found e'])
    const alone = lane.lookUp(keysOf('f'), BETA, confirm)
    const also = lane.lookUp(keysOf('g'), BETA, confirm)
    reads[1]?.answer()
    await expect(also).rejects.toThrow('closed')
    reads[3]?.answer()
    expect(await alone).toEqual(['found f'])
    await turn()
    expect(lane.isIdle()).toBe(true)
  })

  test('are for all whose keys they are, and say whose', async () => {
    const askers: Asker[] = []
    const answers: (() => void)[] = []
    const lane = createLookupLane((keys, asker) => {
      askers.push(asker)
      return new Promise<readonly string[]>(resolve => answers.push(() => resolve(keys.map(String))))
    })
    const given = [ALPHA, BETA, ALPHA, BETA, ALPHA].map((by, n) => lane.lookUp(keysOf(`${n}`), by, () => {}))
    for (let next = 0; next < 3; next++) {
      answers[next]?.()
      await turn()
    }
    expect(await Promise.all(given)).toHaveLength(5)
    expect(askers).toMatchObject([{ by: ALPHA }, { by: BETA }, { by: ALPHA, also: [ALPHA, BETA] }])
  })

  test('give each asker what it would have been given alone, whatever comes in whatever order', async () => {
    const call = fc.record({ keys: fc.array(fc.constantFrom('a', 'b', '1', '', 'é')), turns: fc.nat(3) })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async calls => {
        let underWay = 0
        const lane = createLookupLane(async keys => {
          underWay += 1
          expect(underWay).toBeLessThanOrEqual(2)
          await turn()
          underWay -= 1
          return keys.map(key => `found ${String(key)}`)
        })
        const given: Promise<unknown>[] = []
        for (const { keys, turns } of calls) {
          given.push(lane.lookUp(keysOf(...keys), ALPHA, () => {}).then(found => [keys, found]))
          for (let n = 0; n < turns; n++) await turn()
        }
        for (const [keys, found] of (await Promise.all(given)) as readonly [string[], string[]][])
          expect(found).toEqual(keys.map(key => `found ${key}`))
        expect(lane.isIdle()).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a busy system', () => {
  const betas = { ...ALPHAS, value: BETA } as const

  test('is asked for what one partner may see by itself, and for what another may by itself', async () => {
    const asked: unknown[] = []
    const gate = Promise.withResolvers<void>()
    const { system } = systemOver({
      lookup: async ({ keys, visible }) => {
        const owner = visible.kind === 'owner' ? visible.value : ''
        asked.push([owner, ...keys.map(String)])
        await gate.promise
        return reading(keys.map(([number]) => row(number, 1, owner)))
      },
    })
    const lookup = gatherLookups(system.lookup)
    const lookups = ['a', 'b', 'c', 'd'].flatMap(number =>
      [ALPHAS, betas].map(visible => lookup(line, ['number'], [[number]], visible, ALPHA, () => {})),
    )
    await turn()
    gate.resolve()
    const owners = (await Promise.all(lookups)).map(([found]) =>
      found instanceof GatewayError ? found.code : found?.map(({ owner }) => owner),
    )
    expect(owners).toEqual(Array.from({ length: 8 }, (_, n) => [n % 2 === 0 ? ALPHA : BETA]))
    expect(asked).toEqual([
      [ALPHA, 'a'],
      [BETA, 'a'],
      [ALPHA, 'b'],
      [BETA, 'b'],
      [ALPHA, 'c', 'd'],
      [BETA, 'c', 'd'],
    ])
  })

  // Who asked for b hears of it some steps before who asked for c, which had to wait, and others ask in between.
  test.each(Array.from({ length: 12 }, (_, steps) => steps))(
    'is asked for no more than two of a kind at once, by whoever comes %d steps after it was quiet',
    async steps => {
      let underWay = 0
      let most = 0
      const answers: (() => void)[] = []
      const lookup = gatherLookups(async (_relation, _columns, keys) => {
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise<void>(resolve => answers.push(resolve))
        underWay -= 1
        return keys.map(() => [])
      })
      const ask = (number: string) => lookup(line, ['number'], [[number]], ALPHAS, ALPHA, () => {})
      const asked = ['a', 'b', 'c'].map(ask)
      answers.shift()?.()
      await turn()
      for (const answer of answers.splice(0)) answer()
      for (let step = 0; step < steps; step++) await null
      asked.push(ask('d'), ask('e'))
      await turn()
      asked.push(ask('f'), ask('g'))
      while (underWay > 0) {
        for (const answer of answers.splice(0)) answer()
        await turn()
      }
      expect(await Promise.all(asked)).toHaveLength(7)
      expect(most).toBe(2)
    },
  )

  test('keeps nobody beyond the deadline, the wait for others included', async () => {
    const { system } = systemOver({ lookup: hangs })
    const lookup = gatherLookups(system.lookup)
    const startedMs = performance.now()
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map(number => lookup(line, ['number'], [[number]], ALPHAS, ALPHA, () => {})),
    )
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DEADLINE_EXCEEDED' } })
    // The deadline is 100 ms; two one after the other would take 200.
    expect(performance.now() - startedMs).toBeLessThan(190)
  })
})
