import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CompactSign } from 'jose'
import type { StatusView } from '../../src/http/admin/api.ts'
import type { GuardResult } from '../../src/recovery/lifecycle/guard-result.ts'
import { createSigningKey, parseSigningKey } from '../../src/recovery/statements/signing-key.ts'
import { createFaults } from '../support/faults.ts'
import { exactly, report } from '../support/figures.ts'
import { askOver, startProcess } from '../support/gateway-process.ts'
import {
  attest,
  attestation,
  intrusionFact,
  limitedOpening,
  openSystem,
  RETAILER,
  registerPartner,
  transition,
} from '../support/opening.ts'
import { redisBinary, startRedis } from '../support/redis.ts'
import { describeOnSite, type Instance, restartOf, type Site, startSite } from '../support/site.ts'

/**
 * What may not open a system, handed in over the admin listener of a real gateway: each is refused with its reason, nothing
 * changes, the system is not asked anything, and it stays closed through a kill. `test/recovery/statements/` has more
 * ways in which a statement can be bad.
 */
const PARTS = 'PARTS_LOGISTICS'
const HOUR_MS = 3_600_000

let site: Site
let gateway: Instance
let reads = 0

interface Answer {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly guards: readonly GuardResult[]
}

async function handIn(token: string): Promise<Answer> {
  const response = await gateway.app.admin.inject({
    method: 'POST',
    url: '/statements',
    headers: { host: '127.0.0.1', 'content-type': 'application/jose' },
    payload: token,
  })
  return { status: response.statusCode, ...response.json() }
}

/** The guards that the answer names. */
const unmet = (guards: Answer['guards']) =>
  guards.filter(({ outcome }) => outcome !== 'PASSED').map(({ guard }) => guard)

type Bad = readonly [what: string, code: string, token: () => Promise<string>]

function badStatements(): readonly Bad[] {
  const opening = transition(PARTS, 'VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))
  const sign = (options: Parameters<Site['sign']>[2] = {}, claims: object = opening) =>
    site.sign('lifecycle-transition', claims, options)
  const attested = (claims: object, options: Parameters<Site['sign']>[2] = {}) =>
    site.sign('restore-attestation', claims, options)
  const parts = async (change: (parts: string[]) => readonly string[]) => change((await sign()).split('.')).join('.')
  const signedBy = async (algorithm: 'EdDSA' | 'ES256', header: object) => {
    const { privateJwk } = await createSigningKey(algorithm)
    const { privateKey } = await parseSigningKey(privateJwk, 'a stranger')
    const [, payload = ''] = (await sign()).split('.')
    return new CompactSign(Buffer.from(payload, 'base64url'))
      .setProtectedHeader({ alg: algorithm, typ: 'lifecycle-transition+jwt', ...header })
      .sign(privateKey)
  }
  const kid = () => site.key('RECOVERY_LEAD').keyId
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return [
    [
      'unsigned',
      'MALFORMED',
      () => parts(([, body = '']) => [encoded({ alg: 'none', typ: 'lifecycle-transition+jwt', kid: kid() }), body, '']),
    ],
    ['without a signature', 'MALFORMED', () => parts(([head = '', body = '']) => [head, body])],
    ['by an unknown key', 'UNKNOWN_KEY', () => signedBy('EdDSA', { kid: 'A'.repeat(43) })],
    ['by an unknown key under a known name', 'BAD_SIGNATURE', () => signedBy('EdDSA', { kid: kid() })],
    ['by a key of another algorithm', 'BAD_SIGNATURE', () => signedBy('ES256', { kid: kid() })],
    ['with a key of its own in the header', 'MALFORMED', () => signedBy('EdDSA', { kid: kid(), jwk: { kty: 'OKP' } })],
    ['with a link to keys', 'MALFORMED', () => signedBy('EdDSA', { kid: kid(), jku: 'https://evil.example/keys' })],
    ['of an unknown kind', 'UNKNOWN_KIND', () => signedBy('EdDSA', { kid: kid(), typ: 'grand-opening+jwt' })],
    ['of the kind of another', 'BAD_SIGNATURE', () => signedBy('EdDSA', { kid: kid(), typ: 'revocation+jwt' })],
    ['by the partner manager', 'WRONG_ROLE', () => sign({ role: 'PARTNER_MANAGER' })],
    ['by the communications lead', 'WRONG_ROLE', () => sign({ role: 'COMMUNICATIONS_LEAD' })],
    ['by the gateway', 'WRONG_ROLE', () => sign({ role: 'GATEWAY' })],
    ['expired', 'EXPIRED', () => sign({ issuedAtMs: Date.now() - 2 * HOUR_MS })],
    ['by a clock two days behind', 'EXPIRED', () => sign({ issuedAtMs: Date.now() - 48 * HOUR_MS })],
    ['by a clock two days ahead', 'NOT_YET_VALID', () => sign({ issuedAtMs: Date.now() + 48 * HOUR_MS })],
    ['not yet valid', 'NOT_YET_VALID', () => sign({ issuedAtMs: Date.now() + 10 * 60_000 })],
    ['valid for a month', 'VALID_TOO_LONG', () => sign({ lifetimeSeconds: 30 * 86_400 })],
    ['for another gateway', 'WRONG_AUDIENCE', () => sign({ audience: 'urn:recovery-gateway:elsewhere' })],
    ['for another incident', 'WRONG_INCIDENT', () => sign({ incident: 'INC-2024-0001' })],
    [
      'altered in its claims',
      'BAD_SIGNATURE',
      () =>
        parts(([head = '', body = '', signature = '']) => [
          head,
          encoded({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), waves: [1, 2] }),
          signature,
        ]),
    ],
    [
      'altered in its signature',
      'BAD_SIGNATURE',
      () =>
        parts(([head = '', body = '', signature = '']) => [
          head,
          body,
          `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
        ]),
    ],
    ['padded', 'MALFORMED', () => parts(([head = '', body = '', signature = '']) => [head, body, `${signature}==`])],
    ['with a fourth part', 'MALFORMED', () => parts(list => [...list, 'AAAA'])],
    [
      'with one good and one rogue signature',
      'MALFORMED',
      async () => {
        const [head = '', body = '', signature = ''] = (await sign()).split('.')
        const [rogueHead = '', , rogue = ''] = (await signedBy('EdDSA', { kid: kid() })).split('.')
        return JSON.stringify({
          payload: body,
          signatures: [
            { protected: head, signature },
            { protected: rogueHead, signature: rogue },
          ],
        })
      },
    ],
    [
      'replayed',
      'REPLAYED',
      async () => {
        const [row] = await restartOf(gateway.app).rows(2, 1)
        return row?.statement ?? ''
      },
    ],
    [
      'from a state in which the system is not',
      'CONTRADICTION',
      () => sign({}, transition(PARTS, 'QUARANTINED', 'VERIFIED')),
    ],
    ['past a step', 'CONTRADICTION', () => sign({}, transition(PARTS, 'VERIFIED', 'OPEN'))],
    [
      'of a system that was never restored',
      'CONTRADICTION',
      () => sign({}, transition('WHOLESALE_FINANCE', 'VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))),
    ],
    ['with attestations of an older intrusion revision', 'GUARD_UNMET', () => sign()],
    ['an attestation for the older revision', 'CONTRADICTION', () => attested(attestation(PARTS, {}, 1))],
    ['an attestation for a revision to come', 'CONTRADICTION', () => attested(attestation(PARTS, {}, 3))],
    [
      'an attestation of another date of intrusion',
      'CONTRADICTION',
      () => attested(attestation(PARTS, {}, 2, '2025-08-20T00:00:00Z')),
    ],
    [
      'an attestation of a system without a restore',
      'CONTRADICTION',
      () => attested(attestation('WHOLESALE_FINANCE', {}, 2)),
    ],
    [
      'an attestation by somebody who may not attest',
      'WRONG_ROLE',
      () => attested(attestation(PARTS, {}, 2), { role: 'RECOVERY_LEAD' }),
    ],
    [
      'an attestation for longer than the policy',
      'VALID_TOO_LONG',
      () => attested(attestation(PARTS, {}, 2), { lifetimeSeconds: 13 * 3_600 }),
    ],
    ['an intrusion revision out of order', 'CONTRADICTION', () => site.sign('incident-fact', intrusionFact(2))],
    ['an intrusion revision that skips one', 'CONTRADICTION', () => site.sign('incident-fact', intrusionFact(9))],
    [
      'an automatic closing from outside',
      'WRONG_ROLE',
      () =>
        site.sign('automatic-closing', {
          sub: 'urn:restored-system:parts-logistics',
          cause: 'ORDERED',
          reason: 'none',
          from: 'VERIFIED',
          closed_at: new Date().toISOString(),
        }),
    ],
    [
      'a partner that is there already',
      'CONTRADICTION',
      () => site.sign('partner-grant', { sub: 'urn:partner:BPNL00000R000121', action: 'REGISTER', partner: RETAILER }),
    ],
    [
      'a partner with the client of another',
      'CONTRADICTION',
      () => site.sign('partner-grant', { sub: 'urn:partner:BPNL00000R000199', action: 'REGISTER', partner: RETAILER }),
    ],
    [
      'a revocation of what is not there',
      'CONTRADICTION',
      () => site.sign('revocation', { sub: 'urn:statement:00000000-0000-4000-8000-000000000000', reason: 'no' }),
    ],
    ['nothing', 'MALFORMED', async () => ' '],
  ]
}

describeOnSite('a statement that may not open a system', () => {
  beforeAll(async () => {
    site = await startSite({ isSmall: true })
    const faults = createFaults()
    faults.read = (_relation, real) => {
      reads++
      return real()
    }
    gateway = await site.start({ connectors: faults.lay })
    await registerPartner(site, gateway, 'BPNL00000R000121', RETAILER)
    await openSystem(site, gateway, PARTS, 'VERIFIED')
    await gateway.submit(await site.sign('incident-fact', intrusionFact(2)))
  })
  afterAll(() => site.stop())

  test('is refused with its reason in 40 and more ways; nothing changes and the system is asked nothing', async () => {
    const bad = badStatements()
    expect(bad.length).toBeGreaterThanOrEqual(40)
    const before = gateway.app.recovery.current()
    const found: string[] = []
    /** What each was refused by. */
    const refusals: Record<string, string> = {}
    for (const [what, , token] of bad) {
      const { status, code, message, guards } = await handIn(await token())
      found.push(`${what}: ${status} ${code}${message ? '' : ', and nothing is said'}`)
      if (status === 422) refusals[what] = [code, ...unmet(guards)].join(' ')
    }
    expect(found).toEqual(bad.map(([what, code]) => `${what}: 422 ${code}`))
    expect(gateway.app.recovery.current()).toBe(before)
    expect(gateway.lifecycle(PARTS)).toBe('VERIFIED')
    expect(reads).toBe(0)
    expect(gateway.logged.filter(({ message }) => message === 'a statement was refused')).toHaveLength(bad.length)
    report(16, {
      'bad statements': { value: bad.length, atLeast: 40 },
      refused: { value: Object.keys(refusals).length, ...exactly(bad.length) },
      'calls to the closed system': { value: reads, ...exactly(0) },
      ...refusals,
    })
  })

  test('two words of one person are one, for a step that wants two', async () => {
    for (let time = 0; time < 2; time += 1)
      await gateway.submit(
        await site.sign('restore-attestation', attestation(PARTS, {}, 2), {
          role: 'FORENSICS_LEAD',
          lifetimeSeconds: 3_600,
        }),
      )
    const opening = transition(PARTS, 'VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))
    const { status, code, guards } = await handIn(await site.sign('lifecycle-transition', opening))
    expect([status, code, gateway.lifecycle(PARTS)]).toEqual([422, 'GUARD_UNMET', 'VERIFIED'])
    report(16, { 'one signer twice': [code, ...unmet(guards)].join(' ') })
  })

  test('leaves the system closed through a kill and a lost cache: the next process has the state from the journal alone', async () => {
    const binary = redisBinary()
    const store = binary === null ? null : await startRedis(binary)
    const file = await site.configure(store === null ? {} : { settings: { sharedStore: { url: store.url } } })
    const token = await site.token('dms-1')
    let answered = 0
    for (const _ of ['first', 'after the kill']) {
      const gateway = await startProcess(file)
      const status = (await (await fetch(`${gateway.admin}/status`)).json()) as StatusView
      expect(status.systems[0]).toMatchObject({ key: PARTS, lifecycle: 'VERIFIED' })
      expect(status.journal.condition).toBe('FOLLOWED')
      const { body } = await askOver(gateway.partners, token, {
        query: '{ part(partNumber: "LR106259") { partNumber } }',
      })
      if (body.errors?.[0]?.extensions.code !== 'SYSTEM_NOT_OPEN') answered += 1
      await gateway.kill()
      store?.run('FLUSHALL')
    }
    await store?.stop()
    report(16, { 'served after kill -9 and a lost cache': { value: answered, ...exactly(0) } })
  })

  test('is refused too where its key was withdrawn since, whatever its kind, and where it was signed before the last order', async () => {
    const early = await site.sign('planned-reopening', {
      sub: 'urn:planned-reopening:parts',
      system: PARTS,
      scheduled_for: new Date().toISOString(),
      status: 'SCHEDULED',
      conditions: 'none',
    })
    const { keyId } = site.key('COMMUNICATIONS_LEAD')
    const claims = { sub: `urn:key:${keyId}`, reason: 'the laptop is lost' }
    expect((await handIn(await site.sign('revocation', claims, { role: 'SECURITY_OPERATIONS' }))).status).toBe(201)
    const news = await site.sign('restart-update', {
      sub: 'urn:restart-update:one',
      published_at: new Date().toISOString(),
      title: 'News',
      body: 'None.',
    })
    expect(await handIn(news)).toMatchObject({ status: 422, code: 'KEY_WITHDRAWN' })
    expect((await handIn(early)).status).toBe(201)
  })

  test('is followed by one that may: two persons of the current revision, and the step', async () => {
    await attest(site, gateway, PARTS, { revision: 2 })
    const token = await site.sign(
      'lifecycle-transition',
      transition(PARTS, 'VERIFIED', 'LIMITED_OPEN', limitedOpening([1])),
    )
    expect((await handIn(token)).status).toBe(201)
    expect((await handIn(token)).code).toBe('REPLAYED')
    expect(gateway.lifecycle(PARTS)).toBe('LIMITED_OPEN')
  })

  test('is no standing order: signed before the system was closed, it does not open it again', async () => {
    const issuedAtMs = Date.now() - 5_000
    const early = await site.sign(
      'lifecycle-transition',
      transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1])),
      { issuedAtMs },
    )
    const closing = transition(PARTS, 'LIMITED_OPEN', 'SUSPENDED', { reason: 'a doubt' })
    expect(
      (await handIn(await site.sign('lifecycle-transition', closing, { role: 'SECURITY_OPERATIONS' }))).status,
    ).toBe(201)
    expect(await handIn(early)).toMatchObject({ status: 422, code: 'CONTRADICTION' })
    const late = await site.sign(
      'lifecycle-transition',
      transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1])),
    )
    expect((await handIn(late)).status).toBe(201)
  })

  test('would, as a dry run says, change this for these partners and these operations', async () => {
    const query = 'query Look { part(partNumber: "LR106259") { partNumber } }'
    expect((await gateway.ask('dms-1', { query })).body.data.part).not.toBeNull()
    const token = await site.sign('lifecycle-transition', transition(PARTS, 'LIMITED_OPEN', 'SUSPENDED'))
    const response = await gateway.app.admin.inject({
      method: 'POST',
      url: '/statements?dryRun=true',
      headers: { host: '127.0.0.1', 'content-type': 'application/jose' },
      payload: token,
    })
    expect(response.json()).toMatchObject({
      refusal: null,
      systems: [{ key: PARTS, from: 'LIMITED_OPEN', to: 'SUSPENDED' }],
      partners: [{ bpnl: 'BPNL00000R000121', system: PARTS, change: 'ANSWERED_TO_REFUSED' }],
      operations: [{ name: 'Look', partners: ['BPNL00000R000121'], timesAsked: 1, change: 'ANSWERED_TO_REFUSED' }],
    })
    expect(gateway.lifecycle(PARTS)).toBe('LIMITED_OPEN')
  })
})
