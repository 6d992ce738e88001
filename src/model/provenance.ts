import type { SystemKey } from './system.ts'

export const DATA_ORIGINS = ['SYSTEM', 'LAST_KNOWN_GOOD'] as const
export type DataOrigin = (typeof DATA_ORIGINS)[number]

/** Which system gave a record, as of when, and what may be missing. Times are RFC 3339 in UTC: they stay true in a cache. */
export interface Provenance {
  readonly system: SystemKey
  readonly asOf: string
  readonly origin: DataOrigin
  readonly reconciledThrough: string | null
  readonly gapFrom: string | null
  readonly gapUntil: string | null
}
