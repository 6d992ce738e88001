import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { exportJWK, type JWK } from 'jose'
import type { KeySource } from '../../src/config/identity-schema.ts'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { createSigningKeys } from '../../src/identity/signing-keys.ts'
import { AUDIENCE, clockAtNow, createKey, ISSUER, type MovableClock, signToken, type TestKey } from './issuer.ts'

let first: TestKey
let second: TestKey
beforeAll(async () => {
  first = await createKey('first')
  second = await createKey('second', 'EdDSA')
})

async function verifierOf(source: KeySource, clock: MovableClock) {
  return createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256', 'EdDSA'],
    clockSkewSeconds: 3_600 * 48,
    keys: await createSigningKeys(source, clock),
    clock,
  })
}

describe('keys from a file', () => {
  let file: string
  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'keys-')), 'jwks.json')
  })
  afterAll(() => rm(join(file, '..'), { recursive: true }))

  async function write(content: unknown): Promise<KeySource> {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
    return { kind: 'file', file }
  }

  test('each key of the file verifies its tokens', async () => {
    const verify = await verifierOf(await write({ keys: [first.publicJwk, second.publicJwk] }), clockAtNow())
    await expect(verify(await signToken(first))).resolves.toBeDefined()
    await expect(verify(await signToken(second))).resolves.toBeDefined()
  })

  test('a private key is refused, and not repeated', async () => {
    const key = { ...(await exportJWK(first.privateKey)), kid: 'first' }
    const refusal = createSigningKeys(await write({ keys: [key] }), clockAtNow())
    await expect(refusal).rejects.toThrow(`${file}: keys[0]: is a private key; only its public part belongs here`)
    const written = createSigningKeys(await write(`${JSON.stringify(key)},`), clockAtNow())
    await expect(written).rejects.toThrow(`${file}: is not JSON; must be a JWK set (RFC 7517)`)
    await expect(written).rejects.not.toThrow(String(key.d))
  })

  test.each<[string, () => unknown, string]>([
    ['no key', () => ({ keys: [] }), 'keys: is a list; must have at least 1 entries'],
    ['one key alone', () => first.publicJwk, 'keys: is missing; must be a list'],
    [
      'a shared secret',
      () => ({ keys: [{ kty: 'oct', kid: 'a', k: 'AAAA' }] }),
      'keys[0].kty: is "oct"; must be EC, OKP or RSA',
    ],
    ['no kid', () => ({ keys: [{ ...first.publicJwk, kid: undefined }] }), 'keys[0].kid: is missing; must be text'],
    [
      'a kid twice',
      () => ({ keys: [first.publicJwk, { ...second.publicJwk, kid: 'first' }] }),
      'keys[1].kid: first is that of entry [0]',
    ],
    ['a broken point', () => ({ keys: [{ ...first.publicJwk, x: 'AAAA' }] }), 'keys[0]: is not a valid public key'],
  ])('%s is refused with its place', async (_, content, message) => {
    await expect(createSigningKeys(await write(content()), clockAtNow())).rejects.toThrow(`${file}: ${message}`)
  })

  test('a file that is not there is named', async () => {
    await expect(createSigningKeys({ kind: 'file', file: '/nowhere/jwks.json' }, clockAtNow())).rejects.toThrow(
      '/nowhere/jwks.json: cannot be read',
    )
  })
})

describe('keys from a URL', () => {
  let server: Server
  let source: KeySource
  let published: readonly JWK[]
  let requests: number
  let answer: 'keys' | 'failure' | 'silence' | 'redirect'

  beforeEach(async () => {
    requests = 0
    answer = 'keys'
    published = [first.publicJwk]
    server = createServer((_, response) => {
      requests++
      if (answer === 'silence') return
      if (answer === 'failure') response.writeHead(503).end()
      else if (answer === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
      else response.end(JSON.stringify({ keys: published }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const times = { timeoutMs: 200, cooldownSeconds: 30, refreshSeconds: 600, keepSeconds: 86_400 }
    source = { kind: 'url', url: `http://127.0.0.1:${port}/keys`, ...times }
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  test('are asked for once, however many tokens come at once', async () => {
    const verify = await verifierOf(source, clockAtNow())
    const token = await signToken(first)
    await Promise.all(Array.from({ length: 50 }, () => verify(token)))
    expect(requests).toBe(1)
  })

  test('a new key is found after the cooldown, and the old one goes with it', async () => {
    const clock = clockAtNow()
    const verify = await verifierOf(source, clock)
    await verify(await signToken(first))
    published = [second.publicJwk]
    await expect(verify(await signToken(second))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    clock.advance(30)
    await expect(verify(await signToken(second))).resolves.toBeDefined()
    await expect(verify(await signToken(first))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(requests).toBe(2)
  })

  test('a key that was withdrawn is refused once the keys are old', async () => {
    const clock = clockAtNow()
    const verify = await verifierOf(source, clock)
    const token = await signToken(first)
    await verify(token)
    published = [second.publicJwk]
    clock.advance(600)
    await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  test('a crowd of unknown kids is one request per cooldown', async () => {
    const clock = clockAtNow()
    const verify = await verifierOf(source, clock)
    await verify(await signToken(first))
    const forged = await Promise.all(
      Array.from({ length: 200 }, (_, n) => signToken(first, {}, { kid: `unknown-${n}` })),
    )
    const refusedAll = async () => {
      const outcomes = await Promise.allSettled(forged.map(token => verify(token)))
      expect(outcomes.every(outcome => outcome.status === 'rejected')).toBe(true)
    }
    await refusedAll()
    expect(requests).toBe(1)
    clock.advance(30)
    await refusedAll()
    expect(requests).toBe(2)
  })

  test.each(['failure', 'silence', 'redirect'] as const)(
    'with %s the known keys keep serving up to their bound, at one request per cooldown',
    async outage => {
      const clock = clockAtNow()
      const verify = await verifierOf(source, clock)
      const token = await signToken(first)
      await verify(token)
      answer = outage
      clock.advance(3_600)
      for (let attempt = 0; attempt < 5; attempt++) await expect(verify(token)).resolves.toBeDefined()
      expect(requests).toBe(2)
      clock.advance(86_400)
      await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      answer = 'keys'
      await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      expect(requests).toBe(3)
      clock.advance(30)
      await expect(verify(token)).resolves.toBeDefined()
    },
  )

  test('keys that were never there refuse every token, and do not multiply requests', async () => {
    answer = 'failure'
    const verify = await verifierOf(source, clockAtNow())
    const token = await signToken(first)
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(requests).toBe(1)
  })
})
