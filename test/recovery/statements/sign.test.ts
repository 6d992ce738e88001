import { beforeAll, describe, expect, test } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { ConfigError } from '../../../src/model/operator-file.ts'
import { parseClaims } from '../../../src/recovery/statements/claims.ts'
import { signStatement } from '../../../src/recovery/statements/sign.ts'
import { AUDIENCE, hours, INCIDENT, NOW_MS, type SampleKeys, sampleClaims, sampleKeys, signSample } from './sample.ts'

let keys: SampleKeys
beforeAll(async () => {
  keys = await sampleKeys()
})

describe('signing', () => {
  test('writes a header of alg, typ and kid, and the claims as they were given', async () => {
    const token = await signSample('incident-fact', keys, { issuedAtMs: NOW_MS + 999, notBeforeMs: NOW_MS - 1 })
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'EdDSA',
      typ: 'incident-fact+jwt',
      kid: keys.of('FORENSICS_LEAD').keyId,
    })
    const { jti, ...payload } = decodeJwt(token)
    expect(payload).toEqual({
      ver: 1,
      aud: AUDIENCE,
      inc: INCIDENT,
      iat: NOW_MS / 1_000,
      nbf: NOW_MS / 1_000 - 1,
      exp: NOW_MS / 1_000 + 3_600,
      ...sampleClaims('incident-fact'),
    })
  })

  test('gives each statement an identity of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => signSample('revocation', keys)))
    expect(new Set(tokens.map(token => decodeJwt(token).jti)).size).toBe(20)
  })

  test('of what is no claim of the kind is refused, naming each by its path', async () => {
    const signing = signStatement({
      key: keys.of('FORENSICS_LEAD'),
      audience: AUDIENCE,
      incident: INCIDENT,
      kind: 'incident-fact',
      claims: { ...sampleClaims('incident-fact', { revision: 0 }), ...{ exp: 1 } },
      issuedAtMs: NOW_MS,
      lifetimeSeconds: 60,
    })
    await expect(signing).rejects.toThrow(ConfigError)
    await expect(signing).rejects.toThrow(
      /^incident-fact: revision: is 0; must be at least 1\nincident-fact: exp: is not a claim/,
    )
    await expect(signSample('revocation', keys, { lifetimeSeconds: 0 })).rejects.toThrow(/exp: .*later than iat/)
    await expect(signSample('revocation', keys, { audience: '' })).rejects.toThrow(/aud: is empty/)
  })
})

describe('claims', () => {
  test('that are written in a file are named by it', () => {
    const written = { ...sampleClaims('site-restart'), status: 'OPEN' }
    expect(() => parseClaims('site-restart', written, 'claims.json')).toThrow(
      'claims.json: status: is "OPEN"; must be one of PAUSED, PREPARING, RESTARTED, RAMPING_UP, FULL_OPERATION',
    )
    expect(() => parseClaims('site-restart', null, 'claims.json')).toThrow('claims.json: is empty; must be a mapping')
  })

  test.each<[string, unknown]>([
    ['a terminal’s control characters', 'all clear\u001b[2J'],
    ['a C1 control character', 'all clear\u009b2J'],
    ['a carriage return', 'closed\ropen'],
    ['half a surrogate pair', 'all \ud800 clear'],
    ['nothing', ''],
    ['2,001 characters', 'a'.repeat(2_001)],
  ])('in text have no %s', (_, reason) => {
    expect(() => parseClaims('revocation', sampleClaims('revocation', { reason }), 'claims')).toThrow(
      /^claims: reason: /,
    )
  })

  test('in text may have lines, tabs and any letters', () => {
    const reason = 'Erste Zeile\n\t– “zweite” Zeile, 第三行, 👩🏽‍🔧'
    expect(() => parseClaims('revocation', sampleClaims('revocation', { reason }), 'claims')).not.toThrow()
    const bodies = { title: 'One\nTwo' }
    expect(() => parseClaims('restart-update', sampleClaims('restart-update', bodies), 'claims')).toThrow(/on one line/)
  })

  test.each([
    '2025-10-06',
    '2025-10-06T08:00:00',
    '2025-02-30T08:00:00Z',
    '9999-12-31T23:59:59-23:00',
    '0000-01-01T00:00:00+23:59',
    1_759_737_600,
  ])('in time are RFC 3339 with an offset, which %s is not', scheduled_for => {
    const claims = sampleClaims('planned-reopening', { scheduled_for })
    expect(() => parseClaims('planned-reopening', claims, 'claims')).toThrow(/^claims: scheduled_for: /)
  })

  test('make nothing public that is for some partners alone, and no backlog without its system', () => {
    const news = (changes: object) => () =>
      parseClaims('restart-update', sampleClaims('restart-update', { audience: [], ...changes }), 'claims')
    expect(news({ public: true })).not.toThrow()
    expect(news({ public: true, audience: ['SUPPLIER'] })).toThrow(/^claims: public: .*what is public is for everybody/)
    expect(news({ public: false, audience: ['SUPPLIER'] })).not.toThrow()
    expect(news({ public_facets: ['SYSTEMS', 'BACKLOGS'] })).not.toThrow()
    expect(news({ public_facets: ['BACKLOGS'] })).toThrow(/^claims: public_facets: .*must have SYSTEMS/)
    expect(news({ public_facets: ['EVIDENCE'] })).toThrow(/^claims: public_facets\[0\]: .*must be one of RESTART/)
  })

  test('agree with each other', () => {
    const reopening = (changes: object) => () =>
      parseClaims('planned-reopening', sampleClaims('planned-reopening', { ...changes }), 'claims')
    expect(reopening({ site: 'BPNS00000P0001MR' })).toThrow(/a system or a site, and not both/)
    expect(reopening({ system: undefined })).toThrow(/a system or a site, and not both/)
    expect(reopening({ scheduled_until: hours(23) })).toThrow(/scheduled_until: .*must not be before scheduled_for/)
    const gap = { from: hours(-1), until: hours(-2) }
    const opening = sampleClaims('lifecycle-transition', { gap })
    expect(() => parseClaims('lifecycle-transition', opening, 'claims')).toThrow(
      /gap\.until: .*must not be before from/,
    )
  })
})
