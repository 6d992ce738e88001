import type { SystemKey } from '../../src/model/system.ts'
import { systemUrn } from '../../src/recovery/statements/vocabulary.ts'
import { INCIDENT, type Instance, restartOf, type Site } from './site.ts'

/** The steps by which a test opens a system: real statements, in order, as people would sign them. */

/** Who signs, and where it is handed in. */
type Signing = Pick<Site, 'sign'>
type Desk = Pick<Instance, 'app' | 'submit'>

const BACKUP_TAKEN_AT = '2025-08-18T02:00:00Z'
const INTRUSION_AT = '2025-08-25T00:00:00Z'
const digest = (digit: string) => ({ sha256: digit.repeat(64) })
const backup = {
  id: 'backup-0818',
  taken_at: BACKUP_TAKEN_AT,
  digest: digest('a'),
  malware_status: 'CLEAN',
  scanned_at: '2025-09-20T02:00:00Z',
}
const restore = { completed_at: '2025-09-25T04:00:00Z', manifest: digest('b') }

export const intrusionFact = (revision: number, earliest: string = INTRUSION_AT) => ({
  sub: `urn:incident:${INCIDENT}`,
  earliest_intrusion_at: earliest,
  revision,
  confidence: 'HIGH',
  indicators_dated_at: '2025-09-10T00:00:00Z',
})

/** What an attester says of a system. */
export function attestation(system: SystemKey, totals: object = {}, revision = 1, earliest: string = INTRUSION_AT) {
  const check = (kind: string) => ({ kind, outcome: 'PASSED', at: new Date().toISOString() })
  return {
    sub: systemUrn(system),
    intrusion: { earliest_at: earliest, revision },
    backup,
    restore: { ...restore, environment: 'segment-r2' },
    checks: [
      'INDICATORS_OF_COMPROMISE_CHECK',
      'ROOT_CAUSE_REMEDIATED',
      'CREDENTIALS_ROTATED',
      'SEGMENTATION_IN_FORCE',
      'DATA_RECONCILED',
      'NORMAL_OPERATING_STATUS_CONFIRMED',
    ].map(check),
    totals,
  }
}

export function transition(system: SystemKey, from: string, to: string, facts: object = {}) {
  return { sub: systemUrn(system), from, to, ...facts }
}

export const limitedOpening = (waves: readonly number[]) => ({
  waves,
  gap: { from: BACKUP_TAKEN_AT, until: '2025-09-25T04:00:00Z' },
  contact: 'parts help desk',
  workaround: 'Call the parts help desk.',
  gateway_hosts: ['parts-db.restored.internal'],
})

const COUNTED: Readonly<Record<SystemKey, string>> = {
  PARTS_LOGISTICS: 'part',
  WHOLESALE_FINANCE: 'supplier_invoice',
  PRODUCTION_SCHEDULE: 'production_schedule',
}

/** Both attesters' word, at once; the totals are those that are measured now, unless a test says otherwise. */
export async function attest(
  site: Signing,
  instance: Desk,
  system: SystemKey,
  options: {
    readonly lifetimeSeconds?: number
    readonly totals?: object
    readonly revision?: number
    readonly earliest?: string
  } = {},
): Promise<void> {
  const { lifetimeSeconds = 3_600, revision, earliest } = options
  const totals = options.totals ?? (await instance.app.examine(system, [COUNTED[system]])).totals
  for (const role of ['FORENSICS_LEAD', 'SYSTEM_OWNER'] as const) {
    const claims = attestation(system, totals, revision, earliest)
    await instance.submit(await site.sign('restore-attestation', claims, { role, lifetimeSeconds }))
  }
}

/** The whole road, from isolated to the lifecycle wanted. */
export async function openSystem(
  site: Signing,
  instance: Desk,
  system: SystemKey,
  to: 'VERIFIED' | 'LIMITED_OPEN' | 'OPEN' = 'OPEN',
  options: Parameters<typeof attest>[3] = {},
): Promise<void> {
  const step = async (
    from: string,
    next: string,
    facts: object = {},
    role: 'RECOVERY_LEAD' | 'SYSTEM_OWNER' = 'RECOVERY_LEAD',
  ) => {
    await instance.submit(await site.sign('lifecycle-transition', transition(system, from, next, facts), { role }))
  }
  if (restartOf(instance.app).recovery.current().state.intrusion === null)
    await instance.submit(await site.sign('incident-fact', intrusionFact(1)))
  await step('ISOLATED', 'CLEARED_FOR_RESTORE', {
    containment: { attested_at: '2025-09-05T00:00:00Z', evidence: digest('c') },
    priority: 1,
    objectives: {
      recovery_time_objective: 'P28D',
      recovery_point_objective: 'PT24H',
      maximum_tolerable_period_of_disruption: 'P35D',
    },
  })
  await step('CLEARED_FOR_RESTORE', 'RESTORING', {
    backup: { ...backup, indicators_dated_at: '2025-09-15T00:00:00Z' },
    catalogue: backup.digest,
    environment: { id: 'segment-r2', newly_built: true },
  })
  await step('RESTORING', 'QUARANTINED', {
    restore: { ...restore, recovery_point: BACKUP_TAKEN_AT },
    reachable_hosts: ['check-1'],
    check_hosts: ['check-1'],
  })
  await attest(site, instance, system, options)
  await step('QUARANTINED', 'VERIFIED')
  if (to === 'VERIFIED') return
  await step('VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))
  if (to === 'LIMITED_OPEN') return
  await step('LIMITED_OPEN', 'OPEN', { invoice_statuses_forward: true }, 'SYSTEM_OWNER')
}

export async function registerPartner(site: Signing, instance: Desk, bpnl: string, partner: object): Promise<void> {
  await instance.submit(await site.sign('partner-grant', { sub: `urn:partner:${bpnl}`, action: 'REGISTER', partner }))
}

export const RETAILER = {
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  scopes: ['parts:read', 'orders:read', 'wholesale:read', 'restart:read'],
  sites: ['BPNS00000D00015V'],
  wave: 1,
  clients: ['dms-1'],
}
