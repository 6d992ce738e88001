import type { RefusalCode } from '../../../src/recovery/statements/refusal.ts'
import type { KindName } from '../../../src/recovery/statements/statement-kinds.ts'
import { bad, badForms, signParts } from './bad-forms.ts'
import {
  AUDIENCE,
  hours,
  NOW_MS,
  type SampleKeys,
  type SampleOptions,
  samplePayload,
  signAnything,
  signSample,
} from './sample.ts'

/** Statements that nothing may accept at NOW_MS, each with the code of its refusal and words that its message must have. */
export interface BadStatement {
  readonly what: string
  readonly token: string
  readonly code: RefusalCode
  readonly says: RegExp
}

const SECONDS = NOW_MS / 1_000
const DAY_MS = 86_400_000

/** `keys` must limit SYSTEM_OWNER and COMMUNICATIONS_LEAD to parts logistics and withdraw the key of BACKUP_OPERATIONS. */
export async function badStatements(keys: SampleKeys): Promise<readonly BadStatement[]> {
  return [...(await badForms(keys)), ...(await badClaims(keys)), ...(await badStandings(keys))]
}

/** Signed as they should be, saying what they should not. */
async function badClaims(keys: SampleKeys): Promise<readonly BadStatement[]> {
  const key = keys.of('FORENSICS_LEAD')
  const good = samplePayload('restore-attestation')
  const header = { typ: 'restore-attestation+jwt', kid: key.keyId }
  const list: BadStatement[] = []
  const says = async (what: string, says: RegExp, payload: unknown) => {
    list.push(bad(what, 'INVALID_CLAIMS', says, await signAnything(payload, header, key)))
  }
  const changed = (what: string, words: RegExp, changes: object) =>
    says(what, words, samplePayload('restore-attestation', { ...changes }))
  const check = (at: string) => ({ kind: 'CREDENTIALS_ROTATED', outcome: 'PASSED', at })
  const sums = { supplier_invoice: { rows: 1, sums: { openAmount: 1.1 } } }
  const text = JSON.stringify(good)

  await changed('no subject', /sub: is missing; must be one of urn:restored-system:/, { sub: undefined })
  await changed('the subject of no system', /sub: is "urn:restored-system:payroll"/, {
    sub: 'urn:restored-system:payroll',
  })
  await changed('no jti', /jti: is missing; must be text/, { jti: undefined })
  await changed('a jti that is no UUID', /jti: is "1"; must be a UUID/, { jti: '1' })
  await changed('a jti in capitals', /jti: is .*in lower case/, { jti: '3F2A1C9E-7B64-4D58-9A10-5C8E2F7D6B01' })
  await changed('no exp', /exp: is missing/, { exp: undefined })
  await changed('an exp in milliseconds', /exp: .*not of milliseconds/, { exp: NOW_MS + DAY_MS })
  await changed('an exp that is not after iat', /exp: .*must be later than iat/, { exp: SECONDS })
  await changed('an exp that is not after nbf', /nbf: .*must be earlier than exp/, { nbf: SECONDS + 3_600 })
  await changed('an exp in text', /exp: is "never"/, { exp: 'never' })
  await changed('half a second', /iat: is .*\.5; must be a whole number/, { iat: SECONDS - 0.5 })
  await changed('a list of audiences', /aud: is a list/, { aud: [AUDIENCE, 'urn:other'] })
  await changed('another version', /ver: is 2; must be 1/, { ver: 2 })
  await changed('a role that it claims itself', /role: is not a claim; allowed here: sub, /, { role: 'SYSTEM_OWNER' })
  await changed('a check that is still to come', /checks\[0\]\.at: is .*; must not be later/, {
    checks: [check(hours(1))],
  })
  const future = samplePayload('indicator-report', { distrust_since: hours(1) })
  list.push(
    bad(
      'a distrust that begins in the future, and so spares what is tainted',
      'INVALID_CLAIMS',
      /distrust_since: is .*; must not be later/,
      await signAnything(future, { ...header, typ: 'indicator-report+jwt' }, key),
    ),
  )
  await changed('one check twice', /checks\[1\]\.kind: .*already/, { checks: Array(2).fill(check(hours(-1))) })
  await changed('a number where a decimal is due', /sums\.openAmount: is 1\.1; must be text/, { totals: sums })
  await says(
    'a claim twice',
    /the payload has the member "inc" twice/,
    text.replace('"inc":', '"inc":"INC-OTHER","inc":'),
  )
  await says('a claim that readers treat apart', /"__proto__"/, text.replace('"totals":{', '"totals":{"__proto__":{},'))
  await says('a payload that is no JSON', /the payload is not JSON/, 'ver=1')
  await says('a payload that is a list', /the payload is not a JSON object/, [good])

  const notUtf8 = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')
  const [headerPart = ''] = (await signAnything(good, header, key)).split('.')
  const otherKind = await signAnything(good, { ...header, typ: 'incident-fact+jwt' }, key)
  return [
    ...list,
    bad('a payload that is not UTF-8', 'INVALID_CLAIMS', /not UTF-8/, await signParts(headerPart, notUtf8, key)),
    bad('the claims of another kind', 'INVALID_CLAIMS', /incident-fact: .*is not a claim/, otherKind),
  ]
}

/** Well said, but by the wrong person, in the wrong place or at the wrong time. */
function badStandings(keys: SampleKeys): Promise<readonly BadStatement[]> {
  const finance = { sub: 'urn:restored-system:wholesale-finance' }
  const cases: readonly (readonly [string, RefusalCode, RegExp, KindName, SampleOptions])[] = [
    [
      'a key that is withdrawn',
      'KEY_WITHDRAWN',
      /Bill Hargreaves .* withdrawn since 2025-10-05/,
      'restore-attestation',
      { role: 'BACKUP_OPERATIONS' },
    ],
    [
      'news from the future',
      'INVALID_CLAIMS',
      /published_at: is/,
      'restart-update',
      { claims: { published_at: hours(1) } },
    ],
    [
      'a step that is still to come',
      'INVALID_CLAIMS',
      /occurred_at: is/,
      'lifecycle-transition',
      { claims: { occurred_at: hours(0.01) } },
    ],
    [
      'a measurement of tomorrow',
      'INVALID_CLAIMS',
      /measured_at: is/,
      'backlog-measure',
      { claims: { measured_at: hours(24) } },
    ],
    [
      'a finding of tomorrow',
      'INVALID_CLAIMS',
      /found_at: is/,
      'indicator-report',
      { claims: { found_at: hours(24) } },
    ],

    [
      'for another gateway',
      'WRONG_AUDIENCE',
      /aud is "urn:other"; this gateway is/,
      'restore-attestation',
      { audience: 'urn:other' },
    ],
    [
      'for another incident',
      'WRONG_INCIDENT',
      /inc is "INC-2024-1"/,
      'restore-attestation',
      { incident: 'INC-2024-1' },
    ],
    [
      'a fact of another incident',
      'WRONG_INCIDENT',
      /sub is "urn:incident:INC-2024-1"/,
      'incident-fact',
      { claims: { sub: 'urn:incident:INC-2024-1' } },
    ],

    [
      'a role that may not sign the kind',
      'WRONG_ROLE',
      /Paula Novak is PARTNER_MANAGER; .* signed by FORENSICS_LEAD/,
      'restore-attestation',
      { role: 'PARTNER_MANAGER' },
    ],
    ['a transition by the gateway', 'WRONG_ROLE', /is GATEWAY/, 'lifecycle-transition', { role: 'GATEWAY' }],
    ['a grant by the recovery lead', 'WRONG_ROLE', /is RECOVERY_LEAD/, 'partner-grant', { role: 'RECOVERY_LEAD' }],
    [
      'an automatic closing by a person',
      'WRONG_ROLE',
      /signed by GATEWAY/,
      'automatic-closing',
      { role: 'RECOVERY_LEAD' },
    ],
    [
      'another system',
      'WRONG_SYSTEM',
      /WHOLESALE_FINANCE; the key of Sam Whitlock may speak of PARTS_LOGISTICS/,
      'restore-attestation',
      { role: 'SYSTEM_OWNER', claims: finance },
    ],
    [
      'news on another system',
      'WRONG_SYSTEM',
      /WHOLESALE_FINANCE/,
      'restart-update',
      { claims: { affects: ['WHOLESALE_FINANCE'] } },
    ],
    [
      'news that change another system',
      'WRONG_SYSTEM',
      /PRODUCTION_SCHEDULE/,
      'restart-update',
      { claims: { systems: { PRODUCTION_SCHEDULE: { workaround: null } } } },
    ],
    [
      'what everybody sees of all systems',
      'WRONG_SYSTEM',
      /WHOLESALE_FINANCE, PRODUCTION_SCHEDULE/,
      'restart-update',
      { claims: { public_facets: ['SYSTEMS'] } },
    ],
    [
      'a reopening of another system',
      'WRONG_SYSTEM',
      /PRODUCTION_SCHEDULE/,
      'planned-reopening',
      { role: 'COMMUNICATIONS_LEAD', claims: { system: 'PRODUCTION_SCHEDULE' } },
    ],

    [
      'expired',
      'EXPIRED',
      /counted until 2025-10-06T07:59:59/,
      'restore-attestation',
      { issuedAtMs: NOW_MS - 3_601_000 },
    ],
    [
      'expired at this very moment',
      'EXPIRED',
      /counted until/,
      'restore-attestation',
      { issuedAtMs: NOW_MS - 3_600_000 },
    ],
    [
      'by a clock two days behind',
      'EXPIRED',
      /counted until/,
      'incident-fact',
      { issuedAtMs: NOW_MS - 2 * DAY_MS, lifetimeSeconds: 86_400 },
    ],
    [
      'by a clock two days ahead',
      'NOT_YET_VALID',
      /counts from 2025-10-08/,
      'restore-attestation',
      { issuedAtMs: NOW_MS + 2 * DAY_MS },
    ],
    [
      'signed later than the skew allows',
      'NOT_YET_VALID',
      /counts from/,
      'restore-attestation',
      { issuedAtMs: NOW_MS + 31_000 },
    ],
    [
      'signed later and counting from now',
      'NOT_YET_VALID',
      /counts from/,
      'restore-attestation',
      { issuedAtMs: NOW_MS + 31_000, notBeforeMs: NOW_MS },
    ],
    [
      'not yet valid',
      'NOT_YET_VALID',
      /counts from 2025-10-06T08:10/,
      'restore-attestation',
      { notBeforeMs: NOW_MS + 600_000 },
    ],
    [
      'an attestation for too long',
      'VALID_TOO_LONG',
      /43201 s; .* 12 h/,
      'restore-attestation',
      { lifetimeSeconds: 43_201 },
    ],
    ['a transition for too long', 'VALID_TOO_LONG', /24 h/, 'lifecycle-transition', { lifetimeSeconds: 86_401 }],
  ]
  return Promise.all(
    cases.map(async ([what, code, says, kind, options]) =>
      bad(what, code, says, await signSample(kind, keys, options)),
    ),
  )
}
