import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createDpop, type Dpop } from '../../src/identity/dpop/dpop.ts'
import { NonceRequired } from '../../src/identity/dpop/single-use.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { clockAtNow, createKey, type MovableClock, NOW_SECONDS, type TestKey } from './issuer.ts'
import { createFakeStore, type FakeStore, PUBLIC_URL, signProof, thumbprintOf } from './proofs.ts'

/** A proof is good for one use, whatever becomes of the store and of the clocks: proofs alone, without tokens. */

const PROOF = 60
const SKEW = 30
const TOKEN = 'token'

let key: TestKey
let jkt: string
beforeAll(async () => {
  key = await createKey('client')
  jkt = await thumbprintOf(key)
})

interface Options {
  readonly clock?: MovableClock
  /** By how much the clock of this instance differs, in seconds. */
  readonly off?: number
  readonly maxUsedProofs?: number
}

function start(store: FakeStore | null, { clock = clockAtNow(), off = 0, maxUsedProofs = 1_000 }: Options = {}): Dpop {
  return createDpop({
    settings: { algorithms: ['ES256'], proofSeconds: PROOF, nonceSeconds: 300 },
    publicUrls: [PUBLIC_URL],
    clockSkewSeconds: SKEW,
    store,
    clock: { now: () => clock.now() + off * 1_000 },
    monotonicMs: clock.monotonicMs,
    counters: createCounters(),
    maxUsedProofs,
  })
}

/** `seconds` after the beginning, by the client's clock. */
const make = (seconds: number, nonce?: string) =>
  signProof(key, TOKEN, { claims: { iat: NOW_SECONDS + seconds, nonce } })

type Outcome = 'TAKEN' | 'REFUSED' | 'FULL' | { readonly nonce: string }

async function send(instance: Dpop, proof: string, clientId = 'dms-1'): Promise<Outcome> {
  const request = { method: 'POST', url: '/graphql', token: TOKEN, jkt, clientId }
  return instance.check([proof], request).then(
    () => 'TAKEN' as const,
    (thrown: unknown) => {
      if (thrown instanceof NonceRequired) return { nonce: thrown.nonce }
      return thrown instanceof GatewayError ? 'FULL' : 'REFUSED'
    },
  )
}

async function nonceOf(instance: Dpop, seconds = 0): Promise<string> {
  const outcome = await send(instance, await make(seconds))
  return typeof outcome === 'string' ? `none: ${outcome}` : outcome.nonce
}

async function expectRefused(instances: readonly Dpop[], proofs: readonly string[]): Promise<void> {
  for (const instance of instances) for (const proof of proofs) expect(await send(instance, proof)).not.toBe('TAKEN')
}

const secondsOf = (clock: MovableClock) => clock.now() / 1_000 - NOW_SECONDS

describe('while the store answers but is young', () => {
  test.each([2, 3, 5])(
    'a client is served by %d instances in turn, after one challenge of each at most',
    async size => {
      const clock = clockAtNow()
      const store = createFakeStore({ timeMs: clock.monotonicMs })
      const fleet = Array.from({ length: size }, () => start(store, { clock }))
      store.back(clock.now())
      let nonce: string | undefined
      const outcomes: Outcome[] = []
      const taken: string[] = []
      for (let turn = 0; turn < 30; turn++) {
        const proof = await make(secondsOf(clock), nonce)
        const outcome = await send(fleet[turn % size] as Dpop, proof)
        if (typeof outcome !== 'string') nonce = outcome.nonce
        else taken.push(proof)
        outcomes.push(outcome)
        clock.advance(1)
      }
      expect(outcomes.slice(size)).toEqual(Array.from({ length: 30 - size }, () => 'TAKEN'))
      await expectRefused(fleet, taken)
    },
  )

  test('a nonce ends before the uses of it are forgotten, and the next one is challenged for', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const instance = start(store, { clock })
    store.back(clock.now())
    const nonce = await nonceOf(instance)
    const proof = await make(0, nonce)
    expect(await send(instance, proof)).toBe('TAKEN')
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(10)
      // So it stays young, and the proof as if it had just been made.
      clock.set(-10)
      await expectRefused([instance], [proof])
    }
    expect(await send(instance, await make(0, nonce))).toMatchObject({ nonce: expect.stringMatching(/^s\./) })
  })

  test('a nonce that came before the store lost its latest writes is worth nothing after it', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const fleet = [start(store, { clock }), start(store, { clock })] as const
    store.back(clock.now())
    await nonceOf(fleet[1])
    const nonce = await nonceOf(fleet[0])
    const beforeUse = store.save()
    const proof = await make(0, nonce)
    expect(await send(fleet[0], proof)).toBe('TAKEN')
    clock.advance(1)
    store.back(clock.now(), beforeUse)
    // Now both have come to know it anew, one of them by its own nonce.
    const recent = await nonceOf(fleet[1], 1)
    await expectRefused([...fleet, start(store, { clock })], [proof])
    await nonceOf(fleet[0], 1)
    await expectRefused(fleet, [proof])
    expect(await send(fleet[1], await make(1, recent))).toBe('TAKEN')
  })

  test('a nonce that nobody issued is none, and of a proof without need for one nothing is asked', async () => {
    const store = createFakeStore()
    const instance = start(store)
    const noise = `s.${'A'.repeat(22)}`
    expect(await send(instance, await make(0, noise))).toBe('TAKEN')
    store.back(clockAtNow().now())
    await nonceOf(instance)
    for (const nonce of [noise, 's.', 'noise'])
      expect(await send(instance, await make(0, nonce))).toMatchObject({ nonce: expect.stringMatching(/^s\./) })
    expect(store.claims.size).toBe(0)
  })

  test('one that takes no writes is as if it were away', async () => {
    const store = createFakeStore()
    const instance = start(store)
    store.back(clockAtNow().now())
    const shared = await nonceOf(instance)
    store.isFull = true
    const outcome = await send(instance, await make(0, shared))
    expect(outcome).toMatchObject({ nonce: expect.not.stringMatching(/^s\./) })
    expect(await send(instance, await make(0, (outcome as { readonly nonce: string }).nonce))).toBe('TAKEN')
  })
})

test('a store that comes back empty while it is asked is not believed', async () => {
  const store = createFakeStore()
  const proof = await make(0)
  expect(await send(start(store), proof)).toBe('TAKEN')
  const claim: FakeStore['claim'] = async (...asked) => {
    store.back(clockAtNow().now())
    return store.claim(...asked)
  }
  await expectRefused([start({ ...store, claim })], [proof])
})

describe('clocks that are as far off as they may be', () => {
  test('a store that came back is trusted with proofs from after its return, a client ahead and an instance behind', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const [good, behind] = [start(store, { clock }), start(store, { clock, off: -SKEW })]
    const proof = await make(SKEW)
    expect(await send(good, proof)).toBe('TAKEN')
    clock.advance(1)
    store.back(clock.now() - SKEW * 1_000)
    clock.advance(SKEW)
    await expectRefused([behind], [proof])
    clock.advance(SKEW)
    expect(await send(behind, await make(secondsOf(clock)))).toBe('TAKEN')
  })

  test('a proof is remembered for as long as an instance that is behind could take it', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const [ahead, behind] = [start(store, { clock, off: SKEW }), start(store, { clock, off: -SKEW })]
    const proof = await make(SKEW)
    expect(await send(ahead, proof)).toBe('TAKEN')
    for (let at = 0; at < 130; at += 5) {
      await expectRefused([behind], [proof])
      clock.advance(5)
    }
  })
})

describe('a clock that is set', () => {
  test('forth for one request and back again costs nonces for a while, and no partner its service', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const instance = start(store, { clock })
    expect(await send(instance, await make(0))).toBe('TAKEN')
    clock.set(120)
    await send(instance, await make(120))
    clock.set(-120)
    expect(await send(instance, await make(0, await nonceOf(instance)))).toBe('TAKEN')
    clock.advance(120 + 2 * SKEW)
    expect(typeof (await send(instance, await make(secondsOf(clock))))).toBe('object')
    clock.advance(1)
    expect(await send(instance, await make(secondsOf(clock)))).toBe('TAKEN')
  })

  test('back, also while the store is away, lets no proof be used again', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const instance = start(store, { clock })
    const plain = await make(0)
    expect(await send(instance, plain)).toBe('TAKEN')
    store.away()
    const proof = await make(0, await nonceOf(instance))
    expect(await send(instance, proof)).toBe('TAKEN')
    clock.advance(250)
    clock.set(-250)
    await expectRefused([instance], [plain, proof])
    store.back(clock.now())
    await expectRefused([instance], [plain, proof])
  })

  test('forth after the store came back does not make it remember more', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const right = start(store)
    clock.set(-300)
    const instance = start(store, { clock })
    const proof = await make(0)
    expect(await send(right, proof)).toBe('TAKEN')
    store.back(clock.now())
    clock.set(300)
    await expectRefused([instance], [proof])
  })

  test('in steps that are small each, but not together, is noticed', async () => {
    const clock = clockAtNow()
    const store = createFakeStore({ timeMs: clock.monotonicMs })
    const instance = start(store, { clock })
    const proof = await make(0)
    expect(await send(instance, proof)).toBe('TAKEN')
    for (let step = 0; step < 12; step++) {
      clock.advance(15)
      clock.set(-15)
      await expectRefused([instance], [proof])
    }
  })

  test('and a store that goes, comes back empty or with what it held before: no proof is ever taken twice', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 150 }) }),
      fc.record({ kind: fc.constant('set' as const), seconds: fc.integer({ min: -200, max: 200 }) }),
      fc.record({ kind: fc.constantFrom('away', 'back', 'save', 'restore') }),
      fc.record({
        kind: fc.constant('ask' as const),
        seconds: fc.integer({ min: -PROOF, max: SKEW }),
        useNonce: fc.boolean(),
      }),
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        const clock = clockAtNow()
        const store = createFakeStore({ timeMs: clock.monotonicMs })
        const instance = start(store, { clock })
        let saved = store.save()
        let nonce: string | undefined
        const used: string[] = []
        for (const one of steps) {
          if (one.kind === 'pass' && 'seconds' in one) clock.advance(one.seconds)
          else if (one.kind === 'set' && 'seconds' in one) clock.set(one.seconds)
          else if (one.kind === 'away') store.away()
          else if (one.kind === 'back') store.back(clock.now())
          else if (one.kind === 'save') saved = store.save()
          else if (one.kind === 'restore') store.back(clock.now(), saved)
          else if ('useNonce' in one) {
            const proof = await make(secondsOf(clock) + one.seconds, one.useNonce ? nonce : undefined)
            const outcome = await send(instance, proof)
            if (outcome === 'TAKEN') used.push(proof)
            else if (typeof outcome !== 'string') nonce = outcome.nonce
          }
          await expectRefused([instance], used)
          // Whoever comes back within the same millisecond was never away.
          clock.advance(0.001)
        }
        taken += used.length
      }),
      { numRuns: 80 },
    )
    expect(taken).toBeGreaterThan(20)
  })
})

test('a client with many proofs, by whatever keys, leaves room for the others where there is no store', async () => {
  const instance = start(null, { maxUsedProofs: 100 })
  const nonce = await nonceOf(instance)
  const flood: Outcome[] = []
  for (let n = 0; n < 30; n++) flood.push(await send(instance, await make(0, nonce), 'greedy'))
  expect(flood.filter(outcome => outcome === 'TAKEN')).toHaveLength(10)
  expect(flood.at(-1)).toBe('FULL')
  expect(await send(instance, await make(0, nonce), 'modest')).toBe('TAKEN')
})
