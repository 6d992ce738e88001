import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createKey, NOW_SECONDS, requestWith, signToken, type TestKey } from './issuer.ts'
import { thumbprintOf } from './proofs.ts'
import { createKeys, OTHER, outcomeOf, PARTNER, startRemembering } from './remembering.ts'

let first: TestKey
let second: TestKey
let headers: readonly string[]
beforeAll(async () => {
  first = await createKey('first')
  second = await createKey('second')
  const rogue = await createKey('first')
  const tokens = await Promise.all([
    signToken(first),
    signToken(second),
    signToken(first, { client_id: 'portal-1', scope: 'parts:read payments:read' }),
    signToken(second, { exp: NOW_SECONDS + 100_000 }),
    signToken(first, { nbf: NOW_SECONDS + 60 }),
    signToken(first, { exp: NOW_SECONDS + 60 }),
    signToken(first, { client_id: 'nobody' }),
    signToken(first, { cnf: { jkt: await thumbprintOf(rogue) } }),
    signToken(rogue),
  ])
  headers = [...tokens.map(token => `Bearer ${token}`), `DPoP ${tokens[0]}`, 'Bearer x', '']
})

const GRANTS = [
  [PARTNER, OTHER],
  [{ ...PARTNER, disabled: true }, OTHER],
  [{ ...PARTNER, scopes: ['orders:read'], tokenBinding: 'NONE' as const }],
  [
    { ...PARTNER, tokenBinding: 'DPOP' as const },
    { ...OTHER, clients: ['portal-1', 'nobody'] },
  ],
  [{ ...OTHER, clients: ['dms-1'] }],
]

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ ask: fc.nat({ max: 11 }) }) },
  // Meanwhile the next step comes.
  { weight: 3, arbitrary: fc.record({ begin: fc.nat({ max: 11 }) }) },
  fc.record({ advance: fc.constantFrom(1, 30, 60, 90, 600) }),
  fc.record({ set: fc.constantFrom(-90, -30, 30, 3_600, -3_600) }),
  fc.record({ grant: fc.constantFrom(...GRANTS) }),
  // None: the issuer has been away for too long.
  fc.record({ publish: fc.subarray(['first', 'second'] as const) }),
)

test('whatever comes, changes and goes, a gateway that remembers tokens answers as one that verifies each', async () => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      const keys = createKeys()
      keys.publish(first, second)
      const it = startRemembering({ keys, max: 24 })
      const begun: Promise<unknown>[] = []
      for (const one of steps) {
        if ('ask' in one) {
          const request = requestWith(headers[one.ask])
          expect(await outcomeOf(it.authenticate, request)).toEqual(await outcomeOf(it.verifyAlways, request))
        } else if ('begin' in one) begun.push(outcomeOf(it.authenticate, requestWith(headers[one.begin])))
        else if ('advance' in one) it.clock.advance(one.advance)
        else if ('set' in one) it.clock.set(one.set)
        else if ('grant' in one) it.grant(one.grant)
        else keys.publish(...one.publish.map(name => (name === 'first' ? first : second)))
      }
      await Promise.all(begun)
      hits += it.hits()
    }),
    { numRuns: 400 },
  )
  // Else it would show nothing.
  expect(hits).toBeGreaterThan(100)
})
