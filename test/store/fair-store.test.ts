import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFairStore } from '../../src/store/fair-store.ts'
import { createWatchedStore } from './fair-store-model.ts'

const OWNERS = ['ash', 'birch', 'cedar', 'dogwood']
const FOR_EVER = Number.POSITIVE_INFINITY

function openStore(maxBytes: number) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const evictions = { room: 0, expired: 0 }
  const store = createFairStore<string>({
    maxBytes,
    clock,
    onEvict: reason => {
      evictions[reason] += 1
    },
  })
  return { store, clock, evictions }
}

const key = fc.integer({ min: 0, max: 30 }).map(String)
const units = fc.integer({ min: 1, max: 20 })
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      key,
      units,
      // Some ask for far more than others.
      owner: fc.constantFrom('ash', 'ash', 'ash', ...OWNERS),
      ttlMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(FOR_EVER)),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resize' as const), key, units }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20 }) }) },
)

test('whatever is done, the bound holds, sums are exact, and only the least used of a large owner makes room', () => {
  const actions = fc.array(fc.oneof({ weight: 60, arbitrary: action }, fc.constant({ kind: 'clear' as const })), {
    minLength: 20,
    maxLength: 80,
    size: 'max',
  })
  fc.assert(
    fc.property(fc.constantFrom(0, 4_000, 8_000, 16_000), actions, (maxBytes, sequence) => {
      const watched = createWatchedStore(maxBytes, OWNERS)
      for (const [index, step] of sequence.entries()) {
        if (step.kind === 'set') {
          const { units, ttlMs, ...rest } = step
          const expiresAtMs = watched.nowMs() + ttlMs
          watched.set({ ...rest, value: index, bytes: units * 80 + index, expiresAtMs })
        } else if (step.kind === 'get') watched.get(step.key)
        else if (step.kind === 'resize') watched.resize(step.key, step.units * 80 + index)
        else if (step.kind === 'delete') watched.delete(step.key)
        else if (step.kind === 'wait') watched.wait(step.ms)
        else watched.clear()
      }
    }),
    { numRuns: 3_000 },
  )
})

describe('shares', () => {
  test('a flood of one owner pushes out nothing of fifty others, and only what is its own', () => {
    const { store, evictions } = openStore(2_000_000)
    const others = Array.from({ length: 50 }, (_, owner) => `partner ${owner}`)
    const hot = others.flatMap(owner =>
      Array.from({ length: 20 }, (_, question) => ({ owner, key: `${owner} ${question}` })),
    )
    for (const { owner, key } of hot) store.set(key, owner, 1_000, owner, FOR_EVER)

    for (let question = 0; question < 100_000; question += 1) {
      store.set(`flood ${question}`, 'flood', 1_000, 'flooder', FOR_EVER)
    }

    expect(hot.filter(({ owner, key }) => store.get(key) !== owner)).toEqual([])
    expect(store.bytesOf('flooder')).toBe(1_000_000)
    expect(store.bytes).toBe(2_000_000)
    expect(evictions).toEqual({ room: 99_000, expired: 0 })
    expect(store.get('flood 99999')).toBe('flood')
  })

  test('a newcomer gets an equal share of a store that others have filled', () => {
    const { store } = openStore(1_024)
    for (const owner of ['ash', 'birch']) {
      for (let i = 0; i < 512; i += 1) store.set(`${owner} ${i}`, owner, 1, owner, FOR_EVER)
    }
    for (let i = 0; i < 5_000; i += 1) store.set(`cedar ${i}`, 'cedar', 1, 'cedar', FOR_EVER)
    // Those who hold the most, within a factor of two, have paid in turn.
    for (const owner of ['ash', 'birch', 'cedar']) expect(store.bytesOf(owner)).toBeGreaterThanOrEqual(256)
    expect(store.bytes).toBe(1_024)
  })

  test('hold for more bytes than fit into 32 bits', () => {
    const { store } = openStore(2 ** 40)
    store.set('small', 'small', 2 ** 31, 'small', FOR_EVER)
    for (let i = 0; i < 100; i += 1) store.set(`large ${i}`, 'large', 2 ** 35, 'large', FOR_EVER)
    expect(store.get('small')).toBe('small')
    expect(store.bytesOf('large')).toBe(31 * 2 ** 35)
  })

  test('count for nobody once all that an owner had is gone', () => {
    const { store } = openStore(1_000)
    store.set('key', 'of ash', 100, 'ash', FOR_EVER)
    store.set('key', 'of birch', 50, 'birch', FOR_EVER)
    expect([store.bytesOf('ash'), store.bytesOf('birch'), store.bytes, store.size]).toEqual([0, 50, 50, 1])
    store.clear()
    expect([store.bytesOf('birch'), store.bytes, store.size, store.get('key')]).toEqual([0, 0, 0, undefined])
    expect(store.set('key', 'again', 100, 'ash', FOR_EVER)).toBe(true)
    expect(store.get('key')).toBe('again')
  })
})

describe('an entry', () => {
  test('is given until its time is over, and not at that instant', () => {
    const { store, clock, evictions } = openStore(1_000)
    store.set('key', 'value', 10, 'ash', 5_000)
    clock.nowMs = 4_999
    expect(store.get('key')).toBe('value')
    clock.nowMs = 5_000
    expect(store.get('key')).toBeUndefined()
    expect([store.size, store.bytes]).toEqual([0, 0])
    expect(evictions).toEqual({ room: 0, expired: 1 })
  })

  test('that nobody asks for any more leaves soon after its time', () => {
    const { store, clock, evictions } = openStore(1_000_000)
    for (let i = 0; i < 1_000; i += 1) store.set(`old ${i}`, 'old', 10, 'ash', 1_000)
    clock.nowMs = 1_000
    for (let i = 0; i < 500; i += 1) store.set(`new ${i}`, 'new', 10, 'birch', 2_000)
    expect([store.size, store.bytesOf('ash')]).toEqual([500, 0])
    expect(evictions).toEqual({ room: 0, expired: 1_000 })
  })

  test('is not kept when it is over already, larger than an eighth, or of a size that is no number', () => {
    const { store, evictions } = openStore(800)
    expect(store.set('key', 'over', 10, 'ash', 0)).toBe(false)
    expect(store.set('key', 'never', 10, 'ash', Number.NaN)).toBe(false)
    expect(store.set('key', 'large', 101, 'ash', FOR_EVER)).toBe(false)
    expect(store.set('key', 'odd', Number.NaN, 'ash', FOR_EVER)).toBe(false)
    expect([store.size, store.bytes, store.bytesOf('ash')]).toEqual([0, 0, 0])
    expect(store.set('key', 'an eighth', 100, 'ash', FOR_EVER)).toBe(true)
    expect(evictions).toEqual({ room: 0, expired: 0 })
  })

  test('takes away what was under its key, even when it is not kept itself', () => {
    const { store } = openStore(800)
    store.set('key', 'first', 10, 'ash', FOR_EVER)
    store.set('key', 'too large', 500, 'ash', FOR_EVER)
    expect([store.get('key'), store.bytes]).toEqual([undefined, 0])
  })

  test('is never kept where nothing may be', () => {
    const { store } = openStore(0)
    expect(store.set('key', 'value', 0, 'ash', FOR_EVER)).toBe(false)
    expect([store.get('key'), store.size, store.bytes]).toEqual([undefined, 0, 0])
  })

  test('counts in whole bytes and never for nothing, so sums stay exact', () => {
    const { store } = openStore(1_000)
    store.set('tenths', 'value', 0.1, 'ash', FOR_EVER)
    store.set('more tenths', 'value', 10.2, 'ash', FOR_EVER)
    store.set('none', 'value', -5, 'ash', FOR_EVER)
    expect(store.bytes).toBe(13)
  })
})

describe('an entry that grows', () => {
  test('pushes out the least used one of whoever holds most', () => {
    const { store, evictions } = openStore(800)
    store.set('small', 'small', 50, 'birch', FOR_EVER)
    for (let i = 0; i < 7; i += 1) store.set(`key ${i}`, `value ${i}`, 100, 'ash', FOR_EVER)
    store.get('key 0')
    store.resize('small', 'small', 100)
    expect([store.bytes, evictions.room]).toEqual([800, 0])
    store.resize('key 6', 'value 6', 60)
    store.set('tiny', 'tiny', 40, 'birch', FOR_EVER)
    store.resize('tiny', 'tiny', 41)
    expect([store.get('key 0'), store.get('key 1'), store.get('small')]).toEqual(['value 0', undefined, 'small'])
    expect(store.bytes).toBe(701)
    expect(evictions).toEqual({ room: 1, expired: 0 })
  })

  test('goes when it grows larger than an eighth', () => {
    const { store, evictions } = openStore(800)
    store.set('key', 'value', 100, 'ash', FOR_EVER)
    store.resize('key', 'value', 101)
    expect([store.get('key'), store.bytes]).toEqual([undefined, 0])
    expect(evictions).toEqual({ room: 1, expired: 0 })
  })

  test('changes nothing when another value has taken its place', () => {
    const { store } = openStore(800)
    store.set('key', 'first', 10, 'ash', FOR_EVER)
    store.set('key', 'second', 20, 'ash', FOR_EVER)
    store.resize('key', 'first', 90)
    store.resize('other', 'first', 90)
    expect(store.bytes).toBe(20)
  })
})
