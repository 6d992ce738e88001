import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { exportJWK } from 'jose'
import type { KeySource } from '../../src/config/identity-schema.ts'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import type { SigningKeys } from '../../src/identity/keys/signing-keys.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import { until } from '../support/shared-store.ts'
import {
  AUDIENCE,
  clockAtNow,
  createKey,
  ISSUER,
  type MovableClock,
  NOW_SECONDS,
  openKeys,
  requestWith,
  signToken,
  type TestKey,
} from './issuer.ts'
import { outcomeOf, startRemembering } from './remembering.ts'

let first: TestKey
let second: TestKey
let rogue: TestKey
beforeAll(async () => {
  first = await createKey('first')
  second = await createKey('second', 'EdDSA')
  rogue = await createKey('rogue')
})

async function verifierOf(source: KeySource, clock: MovableClock) {
  return createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256', 'EdDSA'],
    clockSkewSeconds: 3_600 * 48,
    keys: (await openKeys(source, clock)).find,
    clock,
  })
}

const find = (keys: SigningKeys, header: { readonly alg: string; readonly kid: string }) =>
  keys.find(header, { payload: '', signature: '' })

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
    const refusal = openKeys(await write({ keys: [key] }), clockAtNow())
    await expect(refusal).rejects.toThrow(`${file}: keys[0]: is a private key; only its public part belongs here`)
    const written = openKeys(await write(`${JSON.stringify(key)},`), clockAtNow())
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
    await expect(openKeys(await write(content()), clockAtNow())).rejects.toThrow(`${file}: ${message}`)
  })

  test('a file that is not there is named', async () => {
    await expect(openKeys({ kind: 'file', file: '/nowhere/jwks.json' }, clockAtNow())).rejects.toThrow(
      '/nowhere/jwks.json: cannot be read',
    )
  })
})

describe('keys from a URL', () => {
  let server: Server
  let source: KeySource
  let published: readonly unknown[]
  let requests: number
  let answer: 'keys' | 'failure' | 'silence' | 'redirect' | 'flood' | 'noise' | 'no set'

  beforeEach(async () => {
    requests = 0
    answer = 'keys'
    published = [first.publicJwk]
    server = createServer((_, response) => {
      requests++
      if (answer === 'silence') return
      if (answer === 'failure') response.writeHead(503).end()
      else if (answer === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
      else if (answer === 'flood') response.end(JSON.stringify({ keys: [], padding: 'x'.repeat(2_000_000) }))
      else if (answer === 'noise') response.end('{')
      else if (answer === 'no set') response.end('{"keys":1}')
      else response.end(JSON.stringify({ keys: published }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const times = { timeoutMs: 1_000, cooldownSeconds: 30, refreshSeconds: 600, keepSeconds: 86_400 }
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

  test('have another version when others are published or they are too old, and the same one while they are the same', async () => {
    const clock = clockAtNow()
    const keys = await openKeys(source, clock)
    await find(keys, { alg: 'ES256', kid: 'first' })
    const before = keys.version()
    clock.advance(600)
    await find(keys, { alg: 'ES256', kid: 'first' })
    expect(requests).toBe(2)
    expect(keys.version()).toBe(before)
    answer = 'failure'
    clock.advance(86_400)
    expect(keys.version()).not.toBe(before)
    await expect(find(keys, { alg: 'ES256', kid: 'first' })).rejects.toThrow('not known')
    answer = 'keys'
    published = [first.publicJwk, second.publicJwk]
    clock.advance(30)
    await find(keys, { alg: 'ES256', kid: 'first' })
    expect(keys.version()).not.toBe(before)
  })

  test('are asked for again when they are due though every token is known, and a withdrawn one then serves no more', async () => {
    const clock = clockAtNow()
    const keys = await openKeys(source, clock)
    const { authenticate, hits } = startRemembering({ keys, clock })
    const request = requestWith(`Bearer ${await signToken(first, { exp: NOW_SECONDS + 90_000 })}`)
    const isAnsweredAtOnce = () => !(authenticate(request) instanceof Promise)
    await until(async () => {
      await authenticate(request)
      return hits() > 0
    })
    clock.advance(600)
    expect(isAnsweredAtOnce()).toBe(true)
    await until(() => requests === 2)
    expect(isAnsweredAtOnce()).toBe(true)
    published = [second.publicJwk]
    clock.advance(600)
    const version = keys.version()
    await until(() => keys.version() !== version)
    expect(await outcomeOf(authenticate, request)).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(requests).toBe(3)
  })

  test('that are known serve known tokens while the issuer is away, up to their bound', async () => {
    const clock = clockAtNow()
    const { authenticate, hits } = startRemembering({ keys: await openKeys(source, clock), clock })
    const request = requestWith(`Bearer ${await signToken(first, { exp: NOW_SECONDS + 90_000 })}`)
    await until(async () => {
      await authenticate(request)
      return hits() > 0
    })
    answer = 'failure'
    clock.advance(86_399)
    expect(authenticate(request)).not.toBeInstanceOf(Promise)
    clock.advance(1)
    expect(await outcomeOf(authenticate, request)).toMatchObject({ code: 'UNAUTHENTICATED' })
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

  test.each(['failure', 'silence', 'redirect', 'flood', 'noise', 'no set'] as const)(
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

  test.each<[string, () => readonly unknown[]]>([
    ['nothing', () => []],
    ['null', () => [null]],
    ['a key for encryption', () => [{ ...second.publicJwk, use: 'enc' }]],
    ['a key that must not verify', () => [{ ...second.publicJwk, key_ops: ['sign'] }]],
    ['a shared secret', () => [{ kty: 'oct', kid: 'first', k: 'AAAA' }]],
    ['a broken key', () => [{ ...first.publicJwk, x: 'AAAA' }]],
    ['a key of another algorithm', () => [{ ...first.publicJwk, alg: 'ES384' }]],
    ['a kid that is no text', () => [{ ...first.publicJwk, kid: 1 }]],
  ])('a set with no key to verify with, such as %s, is a failure and takes no known key away', async (_, useless) => {
    const clock = clockAtNow()
    const keys = await openKeys(source, clock)
    await find(keys, { alg: 'ES256', kid: 'first' })
    published = useless()
    clock.advance(600)
    for (let attempt = 0; attempt < 5; attempt++) await find(keys, { alg: 'ES256', kid: 'first' })
    expect(requests).toBe(2)
    expect(keys.health()).toMatchObject({
      usable: true,
      reachable: false,
      failure: expect.stringMatching(/gave no public key for ES256, EdDSA$/),
    })
    published = [second.publicJwk]
    clock.advance(30)
    await expect(find(keys, { alg: 'EdDSA', kid: 'second' })).resolves.toBeDefined()
    expect(keys.health()).toMatchObject({ reachable: true, failure: null })
  })

  test.each<[string, () => readonly unknown[]]>([
    ['null', () => [null, first.publicJwk]],
    ['a broken one of the same kid', () => [{ ...first.publicJwk, x: 'AAAA' }, first.publicJwk]],
    ['one for encryption of the same kid', () => [{ ...second.publicJwk, kid: 'first', use: 'enc' }, first.publicJwk]],
    ['itself', () => [first.publicJwk, first.publicJwk]],
    ['another of the same kid after it', () => [first.publicJwk, { ...rogue.publicJwk, kid: 'first' }]],
    ['a shared secret', () => [{ kty: 'oct', kid: 'first', k: 'AAAA' }, first.publicJwk]],
  ])('a good key verifies beside %s', async (_, keys) => {
    published = keys()
    const verify = await verifierOf(source, clockAtNow())
    await expect(verify(await signToken(first))).resolves.toBeDefined()
  })

  test('of several keys, the token names its own', async () => {
    published = [first.publicJwk, rogue.publicJwk]
    const verify = await verifierOf(source, clockAtNow())
    await expect(verify(await signToken(first))).resolves.toBeDefined()
    const nameless = await signToken(first, {}, { kid: undefined })
    await expect(verify(nameless)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  test('the log tells an outage once, and its end', async () => {
    const lines: string[] = []
    const note = (_: object, message: string) => lines.push(message)
    const clock = clockAtNow()
    const keys = await openKeys(source, clock, { log: { ...quietLog(), warn: note, info: note } })
    await find(keys, { alg: 'ES256', kid: 'first' })
    const outage = async (times: number) => {
      answer = 'failure'
      for (let n = 0; n < times; n++) {
        clock.advance(30)
        await Promise.allSettled([find(keys, { alg: 'ES256', kid: 'unknown' })])
      }
      answer = 'keys'
      clock.advance(30)
      await Promise.allSettled([find(keys, { alg: 'ES256', kid: 'unknown' })])
    }
    await outage(3)
    await outage(2)
    const once = ['the keys of the issuer cannot be fetched', 'the keys of the issuer are there again']
    expect(lines).toEqual([...once, ...once])
    expect(requests).toBe(8)
  })

  test('keys that were never there refuse every token, and do not multiply requests', async () => {
    answer = 'failure'
    const verify = await verifierOf(source, clockAtNow())
    const token = await signToken(first)
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(requests).toBe(1)
  })

  test('10,000 unknown kids while the keys change are one request, for which a token of the new key waits', async () => {
    const clock = clockAtNow()
    const keys = await openKeys(source, clock)
    await find(keys, { alg: 'ES256', kid: 'first' })
    clock.advance(31)
    published = [second.publicJwk]
    const forged = Array.from({ length: 10_000 }, (_, n) => find(keys, { alg: 'ES256', kid: `unknown-${n}` }))
    const genuine = Array.from({ length: 50 }, () => find(keys, { alg: 'EdDSA', kid: 'second' }))
    expect((await Promise.allSettled(forged)).every(({ status }) => status === 'rejected')).toBe(true)
    await expect(Promise.all(genuine)).resolves.toHaveLength(50)
    expect(requests).toBe(2)
  })

  test('how they are is known: their age, whether they serve, and why the issuer does not answer', async () => {
    const clock = clockAtNow()
    const keys = await openKeys(source, clock)
    await find(keys, { alg: 'ES256', kid: 'first' })
    clock.advance(700)
    const fine = { source: 'url', ageSeconds: 700, usable: true, reachable: true, failure: null }
    expect(keys.health()).toEqual(fine)
    answer = 'failure'
    await find(keys, { alg: 'ES256', kid: 'first' })
    expect(keys.health()).toEqual({
      ...fine,
      reachable: false,
      failure: `${source.kind === 'url' && source.url} answered 503`,
    })
    clock.advance(86_400)
    await expect(find(keys, { alg: 'ES256', kid: 'first' })).rejects.toThrow('the keys of the issuer are not known')
    expect(keys.health()).toMatchObject({ usable: false, reachable: false, ageSeconds: 87_100 })
    await keys.close()
  })
})

describe('keys by discovery', () => {
  let server: Server
  let issuer: string
  let paths: string[]
  let documents: Readonly<Record<string, unknown>>
  const source: KeySource = {
    kind: 'discovery',
    timeoutMs: 300,
    cooldownSeconds: 30,
    refreshSeconds: 600,
    keepSeconds: 86_400,
  }

  beforeEach(async () => {
    paths = []
    server = createServer(({ url = '' }, response) => {
      paths.push(url)
      const document = documents[url]
      if (document === undefined) response.writeHead(404).end()
      else if (typeof document === 'number') response.writeHead(document, { location: '/keys' }).end()
      else response.end(JSON.stringify(document))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  const OPENID = '/.well-known/openid-configuration'
  const OAUTH = '/.well-known/oauth-authorization-server'
  const findBy = async (of = issuer) => {
    const keys = await openKeys(source, clockAtNow(), { issuer: of })
    const found = await Promise.allSettled([find(keys, { alg: 'ES256', kid: 'first' })])
    return { isFound: found[0].status === 'fulfilled', failure: keys.health().failure }
  }
  const keysAt = (path: string, metadata: object) => ({ [path]: metadata, '/keys': { keys: [first.publicJwk] } })

  test.each<[string, string, readonly string[]]>([
    ['an OpenID provider', '', [OPENID, '/keys']],
    ['an OpenID provider with a path', '/realms/partners', [`/realms/partners${OPENID}`, '/keys']],
    ['an authorization server', '', [OPENID, OAUTH, '/keys']],
    [
      'an authorization server with a path',
      '/realms/partners',
      [`/realms/partners${OPENID}`, `${OAUTH}/realms/partners`, '/keys'],
    ],
  ])('of %s are found', async (_, path, asked) => {
    const of = `${issuer}${path}`
    documents = keysAt(asked.at(-2) ?? '', { issuer: of, jwks_uri: `${issuer}/keys` })
    expect(await findBy(of)).toEqual({ isFound: true, failure: null })
    expect(paths).toEqual(asked)
  })

  test.each<[string, () => unknown, string]>([
    ['another issuer', () => ({ issuer: 'https://evil.example', jwks_uri: `${issuer}/keys` }), 'of another issuer'],
    ['the issuer with a slash more', () => ({ issuer: `${issuer}/`, jwks_uri: `${issuer}/keys` }), 'of another issuer'],
    [
      'keys over plain http',
      () => ({ issuer, jwks_uri: 'http://keys.example/keys' }),
      'no jwks_uri that is an https URL',
    ],
    ['keys in a file', () => ({ issuer, jwks_uri: 'file:///etc/passwd' }), 'no jwks_uri that is an https URL'],
    ['no keys', () => ({ issuer }), 'no jwks_uri'],
    ['a list', () => [], 'has no issuer'],
    ['a redirect', () => 302, 'answered 302'],
    ['trouble, after which nothing else is asked', () => 503, 'answered 503'],
  ])('are not taken from metadata that is or names %s', async (_, metadata, failure) => {
    documents = { [OPENID]: metadata(), '/keys': { keys: [first.publicJwk] } }
    expect(await findBy()).toEqual({ isFound: false, failure: expect.stringContaining(failure) })
    expect(paths).toEqual([OPENID])
  })
})
