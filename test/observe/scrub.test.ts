import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { scrub } from '../../src/observe/scrub.ts'
import { scrubText } from '../../src/observe/scrub-text.ts'

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const word = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/)

/** A text with a secret in it, and the part that may not be seen again. */
const secretText: fc.Arbitrary<{ text: string; secret: string }> = fc.oneof(
  word.map(secret => ({
    text: `${base64url('{"alg":"ES256"}')}.${base64url(`{"sub":"${secret}"}`)}.${secret}`,
    secret,
  })),
  word.map(secret => ({ text: `${base64url('{ "alg": "ES256" }')}.${base64url('{"sub":"x"}')}.${secret}`, secret })),
  word.map(secret => ({ text: `Bearer ${secret}`, secret })),
  word.map(secret => ({ text: `postgres://reader:${secret}@db.internal:5432/parts?sslmode=require`, secret })),
  word.map(secret => ({ text: `host=db password=${secret} user=reader`, secret })),
  word.map(secret => ({ text: JSON.stringify({ client_secret: secret }), secret })),
  word.map(secret => ({ text: `Cookie: a=1; session=${secret}`, secret })),
  word.map(secret => ({ text: `{"kty":"EC","d":"${secret}"}`, secret })),
  word.map(secret => ({ text: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`, secret })),
)
/** Ways in which a text reaches the log. */
const carrier = fc.constantFrom<(text: string) => unknown>(
  text => text,
  text => ({ a: [{ b: new Map([['c', text]]) }] }),
  text => new Error(text),
  text => new Error('outer', { cause: new Error('inner', { cause: text }) }),
  text => new AggregateError([new Error(text)], 'all failed'),
  text => ({ [text]: 1 }),
  text => new Set([`connect: ${text}`]),
  text => Object.assign(new Error('failed'), { code: text, config: { headers: text } }),
)

test('no secret is seen again, wherever it stands', () => {
  fc.assert(
    fc.property(secretText, carrier, fc.string(), fc.string(), ({ text, secret }, carry, before, after) => {
      expect(JSON.stringify(scrub(carry(`${before} ${text} ${after}`)))).not.toContain(secret)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'password',
  'db_password',
  'accessToken',
  'client_secret',
  'connectionString',
  'privateKey',
  'X-Api-Key',
])('the member %s is never written, whatever it holds', name => {
  expect(scrub({ [name]: 'x', deep: { [name]: ['x'] }, [`${name}`]: { y: 'x' } })).toEqual({
    [name]: '[redacted]',
    deep: { [name]: '[redacted]' },
  })
})

test('the private members of a JSON Web Key are removed, its public ones stay', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  expect(scrub(key)).toEqual({ ...key, d: '[redacted]' })
  expect(JSON.stringify(scrub({ text: JSON.stringify(key) }))).not.toContain(key.d)
})

test('scrubbing is total, leaves its input alone and gives JSON', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
      value => {
        const scrubbed = scrub(value)
        expect(() => JSON.stringify(scrubbed)).not.toThrow()
        expect(scrub(value)).toEqual(scrubbed)
      },
    ),
    { numRuns: 1_000 },
  )
})

describe('hostile values', () => {
  const circle: Record<string, unknown> = { name: 'a' }
  circle.self = { again: circle }
  const wide = (depth: number): unknown => (depth === 0 ? 'x' : Array.from({ length: 40 }, () => wide(depth - 1)))
  const shared = Array.from({ length: 20 }).reduce<unknown>(below => [below, below, below, below], 'x')

  test('a circle ends', () => {
    expect(scrub(circle)).toEqual({ name: 'a', self: { again: '[circular]' } })
    const error: Error & { cause?: unknown } = new Error('x')
    error.cause = error
    expect(scrub(error)).toMatchObject({ message: 'x', cause: '[circular]' })
  })

  test('size, depth and breadth are bounded', () => {
    expect(JSON.stringify(scrub(wide(3))).length).toBeLessThan(60_000)
    expect(JSON.stringify(scrub(shared))).toContain('[deep]')
    expect(scrub(Array.from({ length: 1_000 }, () => 1))).toHaveLength(101)
    expect(scrubText('a'.repeat(1_000_000))).toHaveLength(8_192 + '[cut]'.length)
  })

  test('a getter or a proxy that throws is unreadable and no more', () => {
    const trap = {
      get a(): never {
        throw new Error('no')
      },
    }
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    expect(scrub({ trap, proxy, b: 1 })).toEqual({ trap: '[unreadable]', proxy: '[unreadable]', b: 1 })
  })

  test('what JSON cannot say is named', () => {
    expect(
      scrub([
        1n,
        Number.NaN,
        Symbol('s'),
        () => 1,
        new Date(Number.NaN),
        Buffer.from('abc'),
        new URL('https://u:p@h/'),
      ]),
    ).toEqual(['1', 'NaN', '[symbol]', '[function]', '[no date]', '[3 bytes]', 'https://[redacted]@h/'])
  })
})

test('an ordinary message stays as it is', () => {
  for (const text of [
    'password authentication failed for user "reader"',
    'connect ECONNREFUSED 10.0.0.3:5432',
    'the relation parts_logistics.part_availability has no column quantity',
    'https://issuer.recovery-gateway.example/keys answered 503',
    'BPNL00000003AYRE asked for 40 parts',
  ])
    expect(scrubText(text)).toBe(text)
})
