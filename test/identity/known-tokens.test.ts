import { hash, X509Certificate } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createAuthority } from '../support/certificates.ts'
import { createKey, NOW_SECONDS, otherSignature, requestWith, signToken, type TestKey } from './issuer.ts'
import { signProof, thumbprintOf } from './proofs.ts'
import { createKeys, OTHER, outcomeOf, PARTNER, startRemembering } from './remembering.ts'

const FORBIDDEN = { code: 'FORBIDDEN' }
const UNAUTHENTICATED = { code: 'UNAUTHENTICATED' }

let key: TestKey
let rogue: TestKey
let clientKey: TestKey
let token: string
beforeAll(async () => {
  key = await createKey('key-1')
  rogue = await createKey('key-1')
  clientKey = await createKey('client')
  token = await signToken(key)
})

let keys: ReturnType<typeof createKeys>
let it: ReturnType<typeof startRemembering>
beforeEach(() => {
  keys = createKeys()
  keys.publish(key)
  it = startRemembering({ keys })
})

const bearer = (of = token, rest = {}) => requestWith(`Bearer ${of}`, rest)
const ask = (request = bearer()) => outcomeOf(it.authenticate, request)

describe('a bearer token that is known', () => {
  test('is answered at once, as the first time, and counted', async () => {
    const verified = it.authenticate(bearer())
    expect(verified).toBeInstanceOf(Promise)
    const first = await verified
    expect(it.authenticate(bearer())).toEqual(first)
    expect([it.hits(), it.misses()]).toEqual([1, 1])
  })

  test('is known by its header, character by character', async () => {
    await ask()
    const [header, payload, signature = ''] = token.split('.')
    await ask(requestWith(`bearer ${token}`))
    await ask(bearer(`${header}.${payload}.${otherSignature(signature)}`))
    expect(it.hits()).toBe(0)
    for (const odd of [`Bearer ${token} `, `Bearer ${token}=`, `Bearer  ${token}`])
      expect(await ask(requestWith(odd))).toMatchObject(UNAUTHENTICATED)
  })

  test('is refused with the very next request of a partner that was disabled, or must use bound tokens', async () => {
    await ask()
    it.grant([{ ...PARTNER, disabled: true }])
    expect(await ask()).toMatchObject(FORBIDDEN)
    it.grant([PARTNER])
    await ask()
    it.grant([{ ...PARTNER, tokenBinding: 'DPOP' }])
    expect(await ask()).toMatchObject(UNAUTHENTICATED)
    it.grant([])
    expect(await ask()).toMatchObject(FORBIDDEN)
    expect(it.hits()).toBe(0)
  })

  test('has the rights of its grant as of now', async () => {
    await ask()
    it.grant([{ ...PARTNER, scopes: ['parts:read', 'orders:read'], wave: 2 }])
    expect(await ask()).toMatchObject({
      viewer: { scopes: new Set(['parts:read', 'orders:read']), partner: { wave: 2 } },
    })
  })

  test('ends with its time, and is not yet good where the clock is set back before it', async () => {
    await ask()
    it.clock.advance(629)
    expect(it.authenticate(bearer())).not.toBeInstanceOf(Promise)
    it.clock.advance(1)
    expect(await ask()).toMatchObject(UNAUTHENTICATED)
    const early = await signToken(key, { iat: NOW_SECONDS, nbf: NOW_SECONDS + 600, exp: NOW_SECONDS + 3_600 })
    expect(await ask(bearer(early))).toHaveProperty('viewer')
    expect(it.authenticate(bearer(early))).not.toBeInstanceOf(Promise)
    it.clock.set(-61)
    expect(await ask(bearer(early))).toMatchObject(UNAUTHENTICATED)
  })

  test('is refused once its key no longer counts, and verified anew where other keys do', async () => {
    await ask()
    keys.publish()
    expect(await ask()).toMatchObject(UNAUTHENTICATED)
    keys.publish(key, clientKey)
    expect(await ask()).toHaveProperty('viewer')
    keys.publish(clientKey)
    expect(await ask()).toMatchObject(UNAUTHENTICATED)
    expect(it.hits()).toBe(0)
  })
})

describe('what is remembered', () => {
  test('is no refusal, however often it is repeated', async () => {
    const refused = [
      await signToken(rogue),
      await signToken(key, { exp: NOW_SECONDS - 60 }),
      await signToken(key, { client_id: 'nobody' }),
      await signToken(key, { cnf: { jkt: await thumbprintOf(clientKey) } }),
    ]
    for (let again = 0; again < 3; again++)
      for (const one of refused) expect(await ask(bearer(one))).not.toHaveProperty('viewer')
    expect([it.hits(), it.misses()]).toEqual([0, 12])
  })

  test.each([
    ['the keys', () => keys.publish(clientKey)],
    ['the grants', () => it.grant([{ ...PARTNER, disabled: true }])],
  ])('is not what was verified while %s changed', async (_, change) => {
    const verifying = outcomeOf(it.authenticate, bearer())
    change()
    await verifying
    expect(await ask()).not.toHaveProperty('viewer')
  })

  test('is bounded, and a client with many tokens pushes out its own and not those of others', async () => {
    it = startRemembering({ keys, max: 20 })
    const theirs = await signToken(key, { client_id: 'portal-1', sub: 'portal-1' })
    await ask(bearer(theirs))
    const many = await Promise.all(Array.from({ length: 60 }, (_, n) => signToken(key, { jti: `token-${n}` })))
    for (const one of many) await ask(bearer(one))
    expect(it.authenticate(bearer(theirs))).toMatchObject({ viewer: { partner: { bpnl: OTHER.bpnl } } })
    const known = many.filter(one => !(it.authenticate(bearer(one)) instanceof Promise))
    expect(known.length).toBeLessThan(20)
    expect(known.length).toBeGreaterThan(0)
  })

  test('is less where tokens are large', async () => {
    it = startRemembering({ keys, max: 500 })
    const scope = Array.from({ length: 600 }, (_, n) => `s${n}`).join(' ')
    const large = await Promise.all(Array.from({ length: 40 }, (_, n) => signToken(key, { scope, jti: `token-${n}` })))
    for (const one of large) await ask(bearer(one))
    const known = large.filter(one => !(it.authenticate(bearer(one)) instanceof Promise))
    expect(known.length).toBeGreaterThan(0)
    expect(known.length).toBeLessThan(20)
  })

  test('is nothing where its room is too small for any', async () => {
    it = startRemembering({ keys, max: 1 })
    for (let n = 0; n < 3; n++) expect(await ask()).toHaveProperty('viewer')
    expect(it.hits()).toBe(0)
  })
})

describe('a token that is bound to its sender', () => {
  test('is known by its claims, and needs a new proof with each request', async () => {
    const bound = await signToken(key, { cnf: { jkt: await thumbprintOf(clientKey) } })
    const by = async (signer: TestKey) => requestWith(`DPoP ${bound}`, { proofs: [await signProof(signer, bound)] })
    const first = await by(clientKey)
    expect(await ask(first)).toHaveProperty('viewer')
    for (const replay of [first, requestWith(`DPoP ${bound}`), await by(rogue)])
      expect(await ask(replay)).toMatchObject(UNAUTHENTICATED)
    expect(await ask(await by(clientKey))).toHaveProperty('viewer')
    it.grant([{ ...PARTNER, tokenBinding: 'MUTUAL_TLS' }])
    expect(await ask(await by(clientKey))).toMatchObject(UNAUTHENTICATED)
    expect(it.hits()).toBe(4)
  })

  test('to a certificate needs it on the connection of each request', async () => {
    const authority = await createAuthority('an authority')
    const [its, another] = await Promise.all(
      ['its', 'another'].map(async name => new X509Certificate((await authority.issue(name, 'client')).cert)),
    )
    if (its === undefined || another === undefined) throw new Error('two were issued')
    const bound = await signToken(key, { cnf: { 'x5t#S256': hash('sha256', its.raw, 'base64url') } })
    const by = (certificate: X509Certificate | null) => ask(bearer(bound, { certificate }))
    expect(await by(its)).toHaveProperty('viewer')
    for (const certificate of [another, null]) expect(await by(certificate)).toMatchObject(UNAUTHENTICATED)
    expect(await by(its)).toHaveProperty('viewer')
    expect(it.hits()).toBe(3)
  })
})
