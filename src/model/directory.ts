import type { SITE_TYPES } from './code-lists.ts'

/** A site of the manufacturer or a partner: the gateway's own reference data, read from no restored system. */
export interface Site {
  /** Catena-X business partner number of the site (CX-0010). */
  readonly bpns: string
  readonly bpna: string | null
  readonly name: string
  readonly type: (typeof SITE_TYPES)[number]
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** IANA time zone. */
  readonly timeZone: string
}

/** Sites by BPNS. */
export type SiteDirectory = ReadonlyMap<string, Site>
