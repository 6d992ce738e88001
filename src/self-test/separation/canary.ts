import type { Site } from '../../model/directory.ts'
import type { PartnerEntry } from '../../model/partner-entry.ts'
import { PARTNER_ROLES } from '../../model/viewer.ts'

/**
 * The two partners of the self-test and what their rows are stamped with: values of every kind that stand in no other
 * row, so that whoever finds one in an answer knows whose row it is from. They exist in no journal and no registry but the
 * self-test's own.
 */
export interface Canary {
  readonly bpnl: string
  /** The only site that serves it. */
  readonly site: string
  readonly client: string
  readonly stamp: Stamp
}

export interface Stamp {
  /** A character that begins its texts, and is in no other. */
  readonly mark: string
  /** Of its amounts and counts. */
  readonly number: number
  /** Of its dates and times, `yyyy-mm-dd`. */
  readonly day: string
  /** Its yes and no, and its place in a list of codes: what cannot be stamped differs at least. */
  readonly isFirst: boolean
}

const canary = (letter: string, stamp: Stamp): Canary => ({
  bpnl: `BPNL00000CANARY${letter}`,
  site: `BPNS00000CANARY${letter}`,
  client: `canary-${letter.toLowerCase()}`,
  stamp,
})

/** Of opposite signs, so that what is made of an amount, such as whether a part can be promised, differs too. */
export const CANARIES = [
  canary('A', { mark: '∆', number: 7373, day: '1973-07-03', isFirst: true }),
  canary('B', { mark: 'Ω', number: -4646, day: '1946-04-06', isFirst: false }),
] as const

/** A site that both may name and that serves neither. */
export const SHARED_SITE = 'BPNS00000CANARY0'

export function canaryEntry({ bpnl, site, client }: Canary, scopes: readonly string[]): PartnerEntry {
  return {
    bpnl,
    name: client,
    roles: PARTNER_ROLES,
    sites: [site],
    wave: 1,
    scopes,
    clients: [client],
    tokenBinding: 'NONE',
    disabled: false,
    limits: { operationCost: Number.MAX_SAFE_INTEGER, costPerMinute: Number.MAX_SAFE_INTEGER },
  }
}

export function canarySites(): ReadonlyMap<string, Site> {
  const site = (bpns: string): Site => ({
    bpns,
    bpna: null,
    name: bpns,
    type: 'RETAILER',
    country: 'GB',
    timeZone: 'Europe/London',
  })
  return new Map([SHARED_SITE, ...CANARIES.map(one => one.site)].map(bpns => [bpns, site(bpns)]))
}

/** Whether a value out of an answer can only be from a row of this partner's. */
export function bears({ bpnl, site, stamp }: Canary, value: unknown): boolean {
  if (typeof value === 'number') return value === stamp.number
  if (typeof value !== 'string') return false
  if (value === bpnl || value === site || value.includes(stamp.mark) || value.startsWith(stamp.day)) return true
  return /^-?\d+(\.\d+)?$/.test(value) && Number(value) === stamp.number
}
