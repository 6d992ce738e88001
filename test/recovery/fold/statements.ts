import { createHash } from 'node:crypto'
import type { EVIDENCE_KINDS } from '../../../src/model/code-lists.ts'
import type { SystemKey, SystemLifecycle } from '../../../src/model/system.ts'
import { SYSTEM_KEYS } from '../../../src/model/system.ts'
import type { AcceptedStatement } from '../../../src/recovery/fold/accepted.ts'
import { initialSnapshot } from '../../../src/recovery/fold/initial.ts'
import type { Rules } from '../../../src/recovery/lifecycle/rules.ts'
import type { TransitionClaims } from '../../../src/recovery/statements/kinds/lifecycle-transition.ts'
import type { Signatory } from '../../../src/recovery/statements/signatory.ts'
import type { ClaimsOf, KindName, Statement, StatementOf } from '../../../src/recovery/statements/statement-kinds.ts'
import { systemUrn } from '../../../src/recovery/statements/vocabulary.ts'
import { POLICY } from '../statements/sample.ts'

/** Statements as the verifier gives them, for tests of what becomes of them: built directly, signed by nobody. */

const INCIDENT = 'INC-2025-0901'
export const [PARTS, FINANCE, SCHEDULE] = SYSTEM_KEYS

const person = (role: Signatory['role'], name: string): Signatory => ({ keyId: role.padEnd(43, '-'), role, name })
export const OWNER = person('SYSTEM_OWNER', 'Olive Owner')
export const FORENSICS = person('FORENSICS_LEAD', 'Flora Forensics')
export const SECURITY = person('SECURITY_OPERATIONS', 'Sam Security')
export const BACKUPS = person('BACKUP_OPERATIONS', 'Bo Backups')
export const LEAD = person('RECOVERY_LEAD', 'Leo Lead')
const GATEWAY = person('GATEWAY', 'gateway')
const PARTNER_MANAGER = person('PARTNER_MANAGER', 'Pat Partners')

export { POLICY }

/** All keys in force. */
export const RULES: Rules = { policy: POLICY, withdrawalOf: () => null }

/** `hours` after the restart of these tests began. */
export function at(hours: number): string {
  return new Date(Date.UTC(2025, 9, 1) + hours * 3_600_000).toISOString()
}
export const msAt = (hours: number): number => Date.parse(at(hours))

export const DISRUPTED_AT = '2025-09-01T02:00:00.000Z'
const INTRUSION_AT = '2025-08-25T00:00:00.000Z'
export const sha256 = (text: string) => ({ sha256: createHash('sha256').update(text).digest('hex') })

export const BACKUP = {
  id: 'B-0818',
  taken_at: '2025-08-18T02:00:00.000Z',
  digest: sha256('backup'),
  malware_status: 'CLEAN' as const,
  scanned_at: '2025-09-20T00:00:00.000Z',
}

export interface Signing {
  readonly by?: Signatory
  /** Hours after the beginning; when it is signed and, by default, recorded. */
  readonly hours?: number
  /** How long it counts. */
  readonly lifetimeHours?: number
}

function statement<K extends KindName>(kind: K, claims: ClaimsOf<K>, signing: Signing = {}): StatementOf<K> {
  const { by = LEAD, hours = 0, lifetimeHours = 12 } = signing
  const token = JSON.stringify({ kind, claims, by, hours, lifetimeHours })
  const { sha256: digest } = sha256(token)
  return {
    kind,
    id: digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
    token,
    digest,
    issuedAt: at(hours),
    expiresAt: at(hours + lifetimeHours),
    notBefore: null,
    signedBy: by,
    claims,
  }
}

/** Statements as entries of a journal, recorded as they were signed. */
export function recorded(statements: readonly Statement[], after = 0): readonly AcceptedStatement[] {
  return statements.map((one, index) => ({
    sequence: after + index + 1,
    hash: sha256(`${after + index + 1} ${one.token}`).sha256,
    recordedAt: one.issuedAt,
    statement: one,
    guards: [],
  }))
}

export const emptySnapshot = () => initialSnapshot(INCIDENT, at(-48))

type Facts<T extends TransitionClaims['to']> = Partial<
  Omit<Extract<TransitionClaims, { to: T }>, 'sub' | 'from' | 'to'>
>

/** A step of parts logistics, unless `facts` of another system. */
export function transition<T extends TransitionClaims['to']>(
  from: SystemLifecycle,
  to: T,
  facts: Facts<T> = {},
  { system = PARTS, ...signing }: Signing & { readonly system?: SystemKey } = {},
): StatementOf<'lifecycle-transition'> {
  const claims = { sub: systemUrn(system), from, to, ...facts } as unknown as TransitionClaims
  return statement('lifecycle-transition', claims, signing)
}

type Kind = (typeof EVIDENCE_KINDS)[number]
type Check = ClaimsOf<'restore-attestation'>['checks'][number]

export const passedAt = (kind: Kind, hours: number): Check => ({ kind, outcome: 'PASSED', at: at(hours) })
export const failedAt = (kind: Kind, hours: number): Check => ({ kind, outcome: 'FAILED', at: at(hours) })

/** What has to be attested of a restore that finished three hours after the beginning. */
export const CHECKS: readonly Check[] = [
  passedAt('INDICATORS_OF_COMPROMISE_CHECK', 4),
  passedAt('ROOT_CAUSE_REMEDIATED', 4),
  passedAt('CREDENTIALS_ROTATED', 4),
]
const TOTALS = { part: { rows: 1_000, sums: { quantity: '52000.500' }, tolerance: 0.01 } }

export interface AttestationFacts extends Signing {
  readonly system?: SystemKey
  readonly revision?: number
  readonly earliestAt?: string
  readonly backup?: ClaimsOf<'restore-attestation'>['backup']
  readonly manifest?: string
  readonly completedAt?: string
  readonly environment?: string
  readonly checks?: readonly Check[]
  readonly totals?: ClaimsOf<'restore-attestation'>['totals']
}

export function attestation(facts: AttestationFacts = {}): StatementOf<'restore-attestation'> {
  const { system = PARTS, revision = 1, earliestAt = INTRUSION_AT, backup = BACKUP, manifest = 'manifest' } = facts
  const { completedAt = at(3), environment = 'segment-r2', checks = CHECKS, totals = TOTALS } = facts
  const { by = OWNER, hours = 5, lifetimeHours = 12 } = facts
  return statement(
    'restore-attestation',
    {
      sub: systemUrn(system),
      intrusion: { earliest_at: earliestAt, revision },
      backup,
      restore: { completed_at: completedAt, manifest: sha256(manifest), environment },
      checks: [...checks],
      totals,
    },
    { by, hours, lifetimeHours },
  )
}

/** By the system's owner and by the forensics lead. */
export const attestations = (facts: AttestationFacts = {}): readonly StatementOf<'restore-attestation'>[] => [
  attestation({ by: OWNER, ...facts }),
  attestation({ by: FORENSICS, ...facts }),
]

export function incidentFact(
  facts: Partial<ClaimsOf<'incident-fact'>> = {},
  signing: Signing = {},
): StatementOf<'incident-fact'> {
  const claims = { earliest_intrusion_at: INTRUSION_AT, revision: 1, confidence: 'MEDIUM' as const, ...facts }
  return statement('incident-fact', { sub: `urn:incident:${INCIDENT}`, ...claims }, { by: FORENSICS, ...signing })
}

export function indicatorReport(
  facts: Partial<ClaimsOf<'indicator-report'>> = {},
  { system = PARTS, ...signing }: Signing & { readonly system?: SystemKey } = {},
): StatementOf<'indicator-report'> {
  const claims = { sub: systemUrn(system), found_at: at(signing.hours ?? 0), reference: 'CASE-7', ...facts }
  return statement('indicator-report', claims, { by: SECURITY, ...signing })
}

export const revocation = (sub: string, signing: Signing = {}): StatementOf<'revocation'> =>
  statement('revocation', { sub, reason: 'It does not hold.' }, { by: SECURITY, ...signing })

export function automaticClosing(
  facts: Partial<ClaimsOf<'automatic-closing'>> = {},
  { system = PARTS, ...signing }: Signing & { readonly system?: SystemKey } = {},
): StatementOf<'automatic-closing'> {
  return statement(
    'automatic-closing',
    {
      sub: systemUrn(system),
      cause: 'FEED_SILENT',
      reason: 'Silent.',
      from: 'OPEN',
      closed_at: at(signing.hours ?? 0),
      ...facts,
    },
    { by: GATEWAY, ...signing },
  )
}

type Changed = Extract<ClaimsOf<'partner-grant'>, { action: 'CHANGE' }>['partner']
export const bpnl = (number: number): string => `BPNL${String(number).padStart(12, '0')}`
export const bpns = (number: number): string => `BPNS${String(number).padStart(12, '0')}`

export function grant(
  action: ClaimsOf<'partner-grant'>['action'],
  number = 1,
  facts: Partial<Changed> = {},
  signing: Signing = {},
): StatementOf<'partner-grant'> {
  const partner = {
    name: `Partner ${number}`,
    roles: ['RETAILER'],
    scopes: ['parts:read'],
    sites: [],
    token_binding: 'NONE',
    wave: 1,
    clients: [`client-${number}`],
    limits: null,
    ...facts,
  } satisfies Changed
  const sub = `urn:partner:${bpnl(number)}`
  const rest = action === 'DISABLE' || action === 'ENABLE' ? {} : { partner }
  const claims = { sub, action, ...rest } as ClaimsOf<'partner-grant'>
  return statement('partner-grant', claims, { by: PARTNER_MANAGER, ...signing })
}

export function restartUpdate(
  name: string,
  facts: Partial<ClaimsOf<'restart-update'>> = {},
  signing: Signing = {},
): StatementOf<'restart-update'> {
  return statement(
    'restart-update',
    {
      sub: `urn:restart-update:${name}`,
      published_at: at(signing.hours ?? 0),
      audience: [],
      title: 'News',
      body: 'Systems come back.',
      affects: [],
      ...facts,
    },
    signing,
  )
}

export function plannedReopening(
  name: string,
  facts: Partial<ClaimsOf<'planned-reopening'>> = {},
  signing: Signing = {},
): StatementOf<'planned-reopening'> {
  return statement(
    'planned-reopening',
    {
      sub: `urn:planned-reopening:${name}`,
      system: PARTS,
      waves: [],
      scheduled_for: at(100),
      status: 'SCHEDULED',
      conditions: 'Two attestations.',
      ...facts,
    },
    signing,
  )
}

export function siteRestart(
  number: number,
  facts: Partial<ClaimsOf<'site-restart'>> = {},
  signing: Signing = {},
): StatementOf<'site-restart'> {
  return statement('site-restart', { sub: `urn:site:${bpns(number)}`, status: 'PREPARING', ...facts }, signing)
}

export function backlogMeasure(
  facts: Partial<ClaimsOf<'backlog-measure'>> = {},
  { system = PARTS, ...signing }: Signing & { readonly system?: SystemKey } = {},
): StatementOf<'backlog-measure'> {
  const claims = { name: 'Orders', measured_at: at(signing.hours ?? 0), open: 80, cleared_last_24h: 10, ...facts }
  return statement('backlog-measure', { sub: systemUrn(system), ...claims }, { by: OWNER, ...signing })
}

/** What each step of the road up brings along; taken one hour after the other, but for OPEN, a day after LIMITED_OPEN. */
const STEPS = [
  ['ISOLATED', { disrupted_at: DISRUPTED_AT }],
  [
    'CLEARED_FOR_RESTORE',
    {
      containment: { attested_at: '2025-09-12T00:00:00.000Z', evidence: sha256('containment') },
      priority: 1,
      objectives: {
        recovery_time_objective: 'P14D',
        recovery_point_objective: 'PT4H',
        maximum_tolerable_period_of_disruption: 'P30D',
      },
    },
  ],
  [
    'RESTORING',
    {
      backup: { ...BACKUP, indicators_dated_at: '2025-09-19T00:00:00.000Z' },
      catalogue: BACKUP.digest,
      environment: { id: 'segment-r2', newly_built: true },
    },
  ],
  [
    'QUARANTINED',
    {
      restore: { completed_at: at(3), manifest: sha256('manifest'), recovery_point: BACKUP.taken_at },
      reachable_hosts: ['scan-1'],
      check_hosts: ['scan-1', 'scan-2'],
    },
  ],
  ['VERIFIED', {}],
  [
    'LIMITED_OPEN',
    {
      waves: [1],
      gap: { from: BACKUP.taken_at, until: at(3) },
      contact: 'help desk',
      workaround: 'Order by telephone.',
      gateway_hosts: ['db-r2'],
    },
  ],
  ['OPEN', { invoice_statuses_forward: true }],
  ['NORMAL_OPERATION', { end_of_recovery_declared_at: at(31), after_action_record: sha256('record') }],
] as const
export type RoadStep = (typeof STEPS)[number][0]

const HOURS: Readonly<Record<RoadStep, number>> = {
  ISOLATED: 0,
  CLEARED_FOR_RESTORE: 1,
  RESTORING: 2,
  QUARANTINED: 4,
  VERIFIED: 6,
  LIMITED_OPEN: 7,
  OPEN: 32,
  NORMAL_OPERATION: 33,
}

/** The transition to a step of the road up, with all that its guards ask for. */
export function roadStep(
  to: RoadStep,
  system: SystemKey = PARTS,
  facts: object = {},
): StatementOf<'lifecycle-transition'> {
  const index = STEPS.findIndex(([name]) => name === to)
  const [, brings] = STEPS[index] ?? STEPS[0]
  const from = STEPS[index - 1]?.[0] ?? 'ISOLATED'
  const by = to === 'OPEN' ? OWNER : LEAD
  return transition(from, to, { ...brings, ...facts } as never, { system, by, hours: HOURS[to] })
}

/** The whole story of a system until it is in this lifecycle: its intrusion, its steps, two attestations for two days. */
export function roadTo(to: RoadStep, system: SystemKey = PARTS): readonly Statement[] {
  const last = STEPS.findIndex(([name]) => name === to)
  return STEPS.slice(0, last + 1).flatMap(([name]): readonly Statement[] => {
    const step = roadStep(name, system)
    if (name === 'ISOLATED') return [step, incidentFact({}, { hours: 0 })]
    return name === 'QUARANTINED' ? [step, ...attestations({ system, lifetimeHours: 48 })] : [step]
  })
}
