import { z } from 'zod'
import type { Provenance } from '../../model/provenance.ts'
import type { PastRead } from '../../recovery/lifecycle/last-known-good.ts'
import { open, seal } from '../../store/sealed-text.ts'
import { crossBorder } from '../border.ts'
import { timestamp } from '../columns.ts'
import type { AnyRelation, RowFilter } from '../connector.ts'
import type { RecordOf } from '../record.ts'

/**
 * One entry of last-known-good as text: the rows of a read, sealed under their key, with when and of which restoration they
 * were read. What comes back is not trusted: rows cross the border again, as if the system had just given them.
 */
export interface KeptEntry extends PastRead {
  /** The time the rows are as of; null: there were none, and so nobody said. */
  readonly asOf: string | null
  readonly hasNextPage: boolean
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

const entrySchema = z.strictObject({
  beganMs: z.int().min(0),
  endedMs: z.int().min(0),
  restoration: z.string(),
  asOf: timestamp().schema.nullable(),
  hasNextPage: z.boolean(),
  rows: z.array(z.record(z.string(), z.unknown())),
})

/** Without identity and provenance, which are made anew when it is found. */
export function rowsOf(records: readonly RecordOf<AnyRelation>[]): KeptEntry['rows'] {
  return records.map(({ id: _id, provenance: _provenance, ...row }) => row)
}

export function sealEntry(key: string, entry: KeptEntry, expiresAt: number): string {
  return seal(key, JSON.stringify(entry), expiresAt)
}

/** Null: its time is over. Throws where it is not what was sealed under this key. */
export function openEntry(key: string, sealed: string, nowMs: number): KeptEntry | null {
  const opened = open(key, sealed)
  if (opened === null) throw new Error('it is not what was kept under this key')
  return opened.expiresAt > nowMs ? entrySchema.parse(opened.value) : null
}

/** Throws where a row is none of the relation, or not one that the filter shows. */
export function recordsOf(
  relation: AnyRelation,
  { rows }: KeptEntry,
  visible: RowFilter,
  provenance: Provenance,
  isKnownSite: (bpns: string) => boolean,
): readonly RecordOf<AnyRelation>[] {
  const silent = { isKnownSite, foreignRows: () => {}, malformedRows: () => {} }
  const { records } = crossBorder(relation, rows, visible, provenance, silent)
  if (records.length !== rows.length) throw new Error('its rows are not those that were kept')
  return records
}
