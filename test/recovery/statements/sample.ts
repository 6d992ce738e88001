import { CompactSign } from 'jose'
import type { RecoveryPolicy } from '../../../src/recovery/policy.ts'
import { type KeyRing, parseKeyRing } from '../../../src/recovery/statements/key-ring.ts'
import { signStatement } from '../../../src/recovery/statements/sign.ts'
import { SIGNATORY_ROLES, type SignatoryRole } from '../../../src/recovery/statements/signatory.ts'
import { createSigningKey, parseSigningKey, type SigningKey } from '../../../src/recovery/statements/signing-key.ts'
import type { ClaimsInputOf, KindName } from '../../../src/recovery/statements/statement-kinds.ts'

/**
 * Real statements for tests: a key for every role, claims that are valid for every kind, real signatures.
 *
 *     const keys = await sampleKeys()
 *     const token = await signSample('incident-fact', keys, { claims: { revision: 2 } })
 */

export const AUDIENCE = 'urn:restart-gateway:sample'
export const INCIDENT = 'INC-2025-0901'
/** 2025-10-06T08:00:00Z. */
export const NOW_MS = 1_759_737_600_000

export const POLICY: RecoveryPolicy = {
  attestationMaxHours: 12,
  backupMarginHours: 24,
  limitedOpenHours: 24,
  feedSilentHours: 6,
  errorRatePercent: 5,
  backlogLimit: 100,
  journalSilenceSeconds: 60,
  clockSkewSeconds: 30,
}

/** A time by its distance from NOW_MS: `hours(-2)` is two hours before it. RFC 3339. */
export const hours = (fromNow: number): string => new Date(NOW_MS + fromNow * 3_600_000).toISOString()

/** A digest that looks like one. */
const sha256 = (name: string): { readonly sha256: string } => ({
  sha256: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
})

export interface SampleKeys {
  readonly ring: KeyRing
  /** What the pinned file holds; add to its entries and parse it again for other rings. */
  readonly file: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
  /** The private key of a role. */
  of(role: SignatoryRole): SigningKey
}

/** One key for each role: EdDSA, but ES256 for SYSTEM_OWNER and BACKUP_OPERATIONS; `pinning` changes entries of the file. */
export async function sampleKeys(
  pinning: Partial<Record<SignatoryRole, Readonly<Record<string, unknown>>>> = {},
): Promise<SampleKeys> {
  const made = await Promise.all(
    SIGNATORY_ROLES.map(async role => {
      const es256 = role === 'SYSTEM_OWNER' || role === 'BACKUP_OPERATIONS'
      const { privateJwk, publicJwk } = await createSigningKey(es256 ? 'ES256' : 'EdDSA')
      const entry = { ...publicJwk, role, name: SAMPLE_NAMES[role], ...pinning[role] }
      return { role, entry, key: await parseSigningKey(privateJwk, role) }
    }),
  )
  const file = { keys: made.map(({ entry }) => entry) }
  const keys = new Map(made.map(({ role, key }) => [role, key]))
  return {
    ring: parseKeyRing(file, 'keys.json'),
    file,
    of(role) {
      const key = keys.get(role)
      if (key === undefined) throw new Error(`there is no sample key for ${role}`)
      return key
    },
  }
}

const SAMPLE_NAMES: Readonly<Record<SignatoryRole, string>> = {
  FORENSICS_LEAD: 'Freya Okafor',
  SYSTEM_OWNER: 'Sam Whitlock',
  SECURITY_OPERATIONS: 'Priya Raman',
  BACKUP_OPERATIONS: 'Bill Hargreaves',
  BUSINESS_OWNER: 'Beth Lindqvist',
  RECOVERY_LEAD: 'Robin Castellan',
  PARTNER_MANAGER: 'Paula Novak',
  COMMUNICATIONS_LEAD: 'Colin Adeyemi',
  GATEWAY: 'recovery-gateway',
}

/** The role that signs each kind here, unless a test names another. */
export const SAMPLE_SIGNERS: Readonly<Record<KindName, SignatoryRole>> = {
  'restore-attestation': 'FORENSICS_LEAD',
  'lifecycle-transition': 'RECOVERY_LEAD',
  'incident-fact': 'FORENSICS_LEAD',
  'partner-grant': 'PARTNER_MANAGER',
  'restart-update': 'COMMUNICATIONS_LEAD',
  'planned-reopening': 'RECOVERY_LEAD',
  'site-restart': 'BUSINESS_OWNER',
  'backlog-measure': 'BUSINESS_OWNER',
  'indicator-report': 'SECURITY_OPERATIONS',
  revocation: 'FORENSICS_LEAD',
  'automatic-closing': 'GATEWAY',
}

type Overrides = Readonly<Record<string, unknown>>

/** Valid claims of a kind, about parts logistics where they name a system; `overrides` replace whole members, undefined takes one away. */
export function sampleClaims<K extends KindName>(kind: K, overrides: Overrides = {}): ClaimsInputOf<K> {
  return JSON.parse(JSON.stringify({ ...CLAIMS[kind], ...overrides }))
}

const PARTS = 'urn:restored-system:parts-logistics'

const CLAIMS: { readonly [K in KindName]: ClaimsInputOf<K> } = {
  'restore-attestation': {
    sub: PARTS,
    intrusion: { earliest_at: hours(-1_000), revision: 1 },
    backup: {
      id: 'parts-2025-08-20',
      taken_at: hours(-1_100),
      digest: sha256('backup'),
      malware_status: 'CLEAN',
      scanned_at: hours(-30),
    },
    restore: { completed_at: hours(-20), manifest: sha256('manifest'), environment: 'segment-r2' },
    checks: [
      { kind: 'INDICATORS_OF_COMPROMISE_CHECK', outcome: 'PASSED', at: hours(-10), evidence: sha256('sweep') },
      { kind: 'ROOT_CAUSE_REMEDIATED', outcome: 'PASSED', at: hours(-9) },
      { kind: 'CREDENTIALS_ROTATED', outcome: 'PASSED', at: hours(-8) },
    ],
    totals: { part_availability: { rows: 780_000, sums: { quantityOnHand: '1234567.000' }, tolerance: 0.01 } },
  },
  'lifecycle-transition': {
    sub: PARTS,
    from: 'VERIFIED',
    to: 'LIMITED_OPEN',
    reason: 'All guards have passed.',
    waves: [1],
    gap: { from: hours(-1_100), until: hours(-20) },
    contact: 'parts.helpdesk@oem.example',
    workaround: 'Order by the manual form.',
    gateway_hosts: ['parts-db.segment-r2.internal'],
  },
  'incident-fact': {
    sub: `urn:incident:${INCIDENT}`,
    earliest_intrusion_at: hours(-1_000),
    revision: 1,
    confidence: 'MEDIUM',
    indicators_dated_at: hours(-100),
  },
  'partner-grant': {
    sub: 'urn:partner:BPNL00000R000121',
    action: 'REGISTER',
    partner: {
      name: 'Hartwell Retail Group',
      roles: ['RETAILER'],
      scopes: ['parts:read', 'orders:read'],
      sites: ['BPNS00000P0001MR'],
      wave: 1,
      clients: ['dms-hartwell'],
    },
  },
  'restart-update': {
    sub: 'urn:restart-update:2025-10-06-parts',
    published_at: hours(-1),
    audience: ['RETAILER'],
    title: 'Parts logistics opens to the first wave',
    body: 'The Global Parts Logistics Centre answers again for retailers of the first wave.',
    affects: ['PARTS_LOGISTICS'],
  },
  'planned-reopening': {
    sub: 'urn:planned-reopening:parts-logistics',
    system: 'PARTS_LOGISTICS',
    waves: [2],
    scheduled_for: hours(24),
    status: 'SCHEDULED',
    conditions: 'One day of the first wave without an indicator.',
  },
  'site-restart': { sub: 'urn:site:BPNS00000P0001MR', status: 'PREPARING', restart_date: '2025-10-08' },
  'backlog-measure': {
    sub: PARTS,
    name: 'Orders on paper',
    measured_at: hours(-1),
    open: 420,
    cleared_last_24h: 130,
    oldest: hours(-700),
  },
  'indicator-report': { sub: PARTS, found_at: hours(-1), reference: 'SOC-2291' },
  revocation: {
    sub: 'urn:statement:00000000-0000-4000-8000-000000000001',
    reason: 'The scan had not covered the second volume.',
  },
  'automatic-closing': {
    sub: PARTS,
    cause: 'ATTESTATION_EXPIRED',
    reason: 'Fewer than two attestations count.',
    from: 'OPEN',
    closed_at: hours(0),
  },
}

export interface SampleOptions {
  /** Changes to the sample claims. */
  readonly claims?: Overrides
  readonly role?: SignatoryRole
  /** Instead of the key of the role. */
  readonly key?: SigningKey
  readonly audience?: string
  readonly incident?: string
  readonly issuedAtMs?: number
  readonly lifetimeSeconds?: number
  readonly notBeforeMs?: number
}

/** A statement as the product signs it, issued at NOW_MS and for one hour. Its claims must be valid. */
export function signSample<K extends KindName>(
  kind: K,
  keys: SampleKeys,
  options: SampleOptions = {},
): Promise<string> {
  const { claims, role = SAMPLE_SIGNERS[kind], key = keys.of(role), ...rest } = options
  return signStatement({
    audience: AUDIENCE,
    incident: INCIDENT,
    issuedAtMs: NOW_MS,
    lifetimeSeconds: 3_600,
    ...rest,
    key,
    kind,
    claims: sampleClaims(kind, claims),
  })
}

/** Signs whatever it is given as payload and header, right or wrong. */
export function signAnything(payload: unknown, header: Overrides, key: SigningKey): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: key.algorithm, ...header }).sign(key.privateKey)
}

/** The whole payload of a sample, envelope included, with changes. */
export function samplePayload(kind: KindName, overrides: Overrides = {}): Overrides {
  const issuedAt = NOW_MS / 1_000
  const envelope = {
    ver: 1,
    aud: AUDIENCE,
    inc: INCIDENT,
    jti: '3f2a1c9e-7b64-4d58-9a10-5c8e2f7d6b01',
    iat: issuedAt,
    exp: issuedAt + 3_600,
  }
  return JSON.parse(JSON.stringify({ ...envelope, ...sampleClaims(kind), ...overrides }))
}
