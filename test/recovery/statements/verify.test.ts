import { createHash } from 'node:crypto'
import { Socket } from 'node:net'
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { type KeyRing, parseKeyRing } from '../../../src/recovery/statements/key-ring.ts'
import { readStatement, signatureHolds } from '../../../src/recovery/statements/read.ts'
import { REFUSAL_CODES, type RefusalCode, StatementRefusal } from '../../../src/recovery/statements/refusal.ts'
import { type KindName, kindNamed, STATEMENT_KINDS } from '../../../src/recovery/statements/statement-kinds.ts'
import { createStatementVerifier, type StatementVerifier } from '../../../src/recovery/statements/verify.ts'
import { badStatements } from './bad-statements.ts'
import {
  AUDIENCE,
  hours,
  INCIDENT,
  NOW_MS,
  POLICY,
  SAMPLE_SIGNERS,
  type SampleKeys,
  type SampleOptions,
  sampleClaims,
  sampleKeys,
  samplePayload,
  signAnything,
  signSample,
} from './sample.ts'

const PARTS_ONLY = { systems: ['PARTS_LOGISTICS'] }
const KINDS = STATEMENT_KINDS.map(({ kind }) => kind)

let keys: SampleKeys
let verifier: StatementVerifier
beforeAll(async () => {
  keys = await sampleKeys({
    SYSTEM_OWNER: PARTS_ONLY,
    COMMUNICATIONS_LEAD: PARTS_ONLY,
    BACKUP_OPERATIONS: { withdrawn_at: hours(-24) },
  })
  verifier = verifierWith(keys.ring)
})

const verifierWith = (ring: KeyRing): StatementVerifier =>
  createStatementVerifier({ keys: ring, audience: AUDIENCE, incident: INCIDENT, policy: POLICY })

async function refusalOf(verified: Promise<unknown>): Promise<StatementRefusal> {
  const thrown = await verified.then(
    () => new Error('it was accepted'),
    (error: unknown) => error,
  )
  if (thrown instanceof StatementRefusal) return thrown
  throw thrown
}

describe('a bad statement', () => {
  test('is refused with its code, in words for operators, whichever of 40 and more ways it is bad in', async () => {
    const bad = await badStatements(keys)
    expect(bad.length).toBeGreaterThanOrEqual(40)
    expect(new Set(bad.map(({ what }) => what)).size).toBe(bad.length)
    const found = await Promise.all(
      bad.map(async ({ what, token, says }) => {
        const { code, message, guards } = await refusalOf(verifier.verify(token, NOW_MS))
        expect(guards).toEqual([])
        return { what, code, says: says.test(message) ? says : message }
      }),
    )
    expect(found).toEqual(bad.map(({ what, code, says }) => ({ what, code, says })))
    const judgedByState = ['REPLAYED', 'CONTRADICTION', 'GUARD_UNMET', 'JOURNAL_OUT_OF_REACH', 'JOURNAL_NOT_VERIFIED']
    expect(new Set(bad.map(({ code }) => code))).toEqual(
      new Set(REFUSAL_CODES.filter(code => !judgedByState.includes(code))),
    )
  })

  test('never makes the verifier ask the network', async () => {
    const connect = jest.spyOn(Socket.prototype, 'connect')
    const fetch = jest.spyOn(globalThis, 'fetch')
    try {
      for (const { token } of await badStatements(keys)) await refusalOf(verifier.verify(token, NOW_MS))
      expect(connect).not.toHaveBeenCalled()
      expect(fetch).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
      fetch.mockRestore()
    }
  })

  test('is worded in at most ten short lines of printable ASCII, whatever it holds', async () => {
    const strange = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`\u009b2J${at}\u202e`.repeat(9), at]))
    const payload = samplePayload('incident-fact', { ...strange, confidence: '\u001b[2J\u202e'.repeat(99) })
    const token = await signAnything(
      payload,
      { typ: 'incident-fact+jwt', kid: keys.of('FORENSICS_LEAD').keyId },
      keys.of('FORENSICS_LEAD'),
    )
    const { code, message } = await refusalOf(verifier.verify(token, NOW_MS))
    const lines = message.split('\n')
    expect(code).toBe('INVALID_CLAIMS')
    expect(lines).toHaveLength(10)
    expect(lines.at(-1)).toMatch(/^and \d+ more$/)
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,450}$/)
  })

  test('is refused by its first fault in the order of the checks', async () => {
    const faults: readonly (readonly [RefusalCode, SampleOptions])[] = [
      [
        'INVALID_CLAIMS',
        { claims: { restore: { ...sampleClaims('restore-attestation').restore, completed_at: hours(9) } } },
      ],
      ['WRONG_AUDIENCE', { audience: 'urn:other' }],
      ['WRONG_INCIDENT', { incident: 'INC-OTHER' }],
      ['WRONG_ROLE', { role: 'PARTNER_MANAGER' }],
      ['WRONG_SYSTEM', { role: 'SYSTEM_OWNER', claims: { sub: 'urn:restored-system:wholesale-finance' } }],
      ['NOT_YET_VALID', { notBeforeMs: NOW_MS + 60_000 }],
      ['VALID_TOO_LONG', { lifetimeSeconds: 999_999 }],
    ]
    for (const [at, [code]] of faults.entries()) {
      const rest = faults.slice(at).map(([, options]) => options)
      const token = await signSample('restore-attestation', keys, Object.assign({}, ...rest.toReversed()))
      expect((await refusalOf(verifier.verify(token, NOW_MS))).code).toBe(code)
    }
  })
})

describe('a good statement', () => {
  test.each(KINDS)('%s is what was signed, with its signatory, times and digest', async kind => {
    const token = await signSample(kind, keys, { lifetimeSeconds: 1_800, notBeforeMs: NOW_MS - 60_000 })
    const statement = await verifier.verify(token, NOW_MS)
    const { keyId, role, name } = keys.ring.find(keys.of(SAMPLE_SIGNERS[kind]).keyId) ?? {}
    expect(statement).toMatchObject({
      kind,
      token,
      digest: createHash('sha256').update(token).digest('hex'),
      issuedAt: '2025-10-06T08:00:00.000Z',
      expiresAt: '2025-10-06T08:30:00.000Z',
      notBefore: '2025-10-06T07:59:00.000Z',
      claims: sampleClaims(kind),
    })
    expect(statement.signedBy).toEqual({ keyId, role, name })
    expect(statement.id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('is accepted from every role that may sign its kind, and from no other', async () => {
    const all = await sampleKeys()
    for (const kind of KINDS) {
      const signers: string[] = []
      for (const { role } of all.ring.all()) {
        const token = await signSample(kind, all, { role })
        const code = await verifierWith(all.ring)
          .verify(token, NOW_MS)
          .then(
            () => null,
            (error: StatementRefusal) => error.code,
          )
        expect([null, 'WRONG_ROLE']).toContain(code)
        if (code === null) signers.push(role)
      }
      expect(signers.sort()).toEqual([...kindNamed(kind).signers].sort())
    }
  })

  test('counts from the skew before its time to the moment before its end', async () => {
    const token = await signSample('restore-attestation', keys, { lifetimeSeconds: 43_200 })
    const skewMs = POLICY.clockSkewSeconds * 1_000
    const endMs = NOW_MS + 43_200_000
    for (const nowMs of [NOW_MS - skewMs, NOW_MS, endMs - 1])
      await expect(verifier.verify(token, nowMs)).resolves.toMatchObject({ token })
    expect((await refusalOf(verifier.verify(token, NOW_MS - skewMs - 1))).code).toBe('NOT_YET_VALID')
    expect((await refusalOf(verifier.verify(token, endMs))).code).toBe('EXPIRED')
  })

  test('may tell of what happened while the clocks differ, and of no later time', async () => {
    const found = (seconds: number) =>
      signSample('indicator-report', keys, { claims: { found_at: new Date(NOW_MS + seconds * 1_000).toISOString() } })
    await expect(verifier.verify(await found(30), NOW_MS)).resolves.toMatchObject({ kind: 'indicator-report' })
    expect((await refusalOf(verifier.verify(await found(31), NOW_MS))).code).toBe('INVALID_CLAIMS')
  })

  test('is refused once its key is withdrawn, from that very moment on', async () => {
    const token = await signSample('incident-fact', keys)
    const file = keys.file.keys.map(key => ({ ...key, withdrawn_at: '2025-10-06T10:30:00+02:00' }))
    const withdrawn = verifierWith(parseKeyRing({ keys: file }, 'keys.json'))
    const from = Date.parse('2025-10-06T08:30:00Z')
    await expect(withdrawn.verify(token, from - 1)).resolves.toMatchObject({ token })
    expect((await refusalOf(withdrawn.verify(token, from))).code).toBe('KEY_WITHDRAWN')
  })

  test('by a key of some systems may not move the intrusion, which all systems rest on', async () => {
    const limited = await sampleKeys({ FORENSICS_LEAD: PARTS_ONLY })
    const token = await signSample('incident-fact', limited)
    expect((await refusalOf(verifierWith(limited.ring).verify(token, NOW_MS))).code).toBe('WRONG_SYSTEM')
  })

  test('by a key of some systems may not say who is a partner, whose rights reach into all systems', async () => {
    const limited = await sampleKeys({ PARTNER_MANAGER: PARTS_ONLY })
    const token = await signSample('partner-grant', limited)
    expect((await refusalOf(verifierWith(limited.ring).verify(token, NOW_MS))).code).toBe('WRONG_SYSTEM')
  })

  test('by a key of some systems may take back an attestation, and no key', async () => {
    const revoking = (sub?: string) =>
      signSample('revocation', keys, { role: 'SYSTEM_OWNER', claims: sub === undefined ? {} : { sub } })
    await expect(verifier.verify(await revoking(), NOW_MS)).resolves.toMatchObject({ kind: 'revocation' })
    const key = await revoking(`urn:key:${keys.of('FORENSICS_LEAD').keyId}`)
    expect((await refusalOf(verifier.verify(key, NOW_MS))).code).toBe('WRONG_SYSTEM')
  })

  test('reads the same from the journal, whatever the time', async () => {
    for (const kind of KINDS) {
      const token = await signSample(kind, keys)
      const statement = await verifier.verify(token, NOW_MS)
      expect(readStatement(token, statement.signedBy)).toEqual(statement)
      expect(() => readStatement(token, { ...statement.signedBy, keyId: 'other' })).toThrow('not with other')
      await expect(signatureHolds(token, keys.ring)).resolves.toBe(true)
    }
    expect(() => readStatement('a.b.c', { keyId: 'k', role: 'GATEWAY', name: 'n' })).toThrow(/cannot be read/)
  })

  test('has a signature that holds by its own key only', async () => {
    const token = await signSample('incident-fact', keys)
    const [header, payload] = token.split('.')
    const [, , foreign] = (await signSample('incident-fact', keys)).split('.')
    await expect(signatureHolds(`${header}.${payload}.${foreign}`, keys.ring)).resolves.toBe(false)
    await expect(signatureHolds(token, (await sampleKeys()).ring)).resolves.toBeNull()
  })
})

describe('any statement', () => {
  const anyKind = fc.constantFrom<KindName>(...KINDS)

  test('that is signed is verified as it was, for every kind, time and place in text', async () => {
    const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter(text => !/\p{C}/u.test(text))
    await fc.assert(
      fc.asyncProperty(
        anyKind,
        anyText,
        fc.integer({ min: 0, max: 10 * 365 * 86_400 }),
        fc.integer({ min: 1, max: 43_200 }),
        async (kind, audience, laterSeconds, lifetimeSeconds) => {
          const issuedAtMs = NOW_MS + laterSeconds * 1_000
          const token = await signSample(kind, keys, { audience, issuedAtMs, lifetimeSeconds })
          const there = createStatementVerifier({ keys: keys.ring, audience, incident: INCIDENT, policy: POLICY })
          const statement = await there.verify(token, issuedAtMs + lifetimeSeconds * 1_000 - 1)
          expect(statement).toMatchObject({ kind, token, claims: sampleClaims(kind) })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is refused with any one character changed, added or taken away', async () => {
    const tokens = await Promise.all(
      KINDS.map(kind => signSample(kind, keys, kind === 'restore-attestation' ? { role: 'SYSTEM_OWNER' } : {})),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...tokens),
        fc.nat(),
        fc.constantFrom(...'ABYZaz019-_.=+/ \n\0é'),
        fc.constantFrom('change', 'add', 'take'),
        async (token, position, character, how) => {
          const at = position % token.length
          const altered = `${token.slice(0, at)}${how === 'take' ? '' : character}${token.slice(how === 'add' ? at : at + 1)}`
          fc.pre(altered !== token)
          const { code } = await refusalOf(verifier.verify(altered, NOW_MS))
          expect(['MALFORMED', 'UNKNOWN_KIND', 'UNKNOWN_KEY', 'BAD_SIGNATURE']).toContain(code)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('is the same statement in both signatures that ES256 allows, so its jti is its identity', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const token = await signSample('restore-attestation', keys, { role: 'SYSTEM_OWNER' })
    const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url')
    const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`)
    const other = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
    const malleated = `${token.slice(0, token.lastIndexOf('.'))}.${other.toString('base64url')}`
    const [first, second] = await Promise.all([token, malleated].map(each => verifier.verify(each, NOW_MS)))
    expect(malleated).not.toBe(token)
    expect(second?.id).toBe(first?.id)
    expect(second?.claims).toEqual(first?.claims)
  })

  test('of any bytes at all is refused, and nothing but a refusal is thrown', async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes).toString('base64url')),
      fc.json().map(json => Buffer.from(json).toString('base64url')),
      fc.string({ maxLength: 40 }),
    )
    const header = fc
      .record({ alg: fc.constantFrom('EdDSA', 'ES256'), typ: fc.constant('incident-fact+jwt'), kid: fc.string() })
      .map(header => Buffer.from(JSON.stringify(header)).toString('base64url'))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(part, header), { maxLength: 5 }), async parts => {
        await refusalOf(verifier.verify(parts.join('.'), NOW_MS))
      }),
      { numRuns: 500 },
    )
  })
})
