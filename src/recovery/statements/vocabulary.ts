import { z } from 'zod'
import { BPNL, BPNS } from '../../model/business-partner-number.ts'
import { SYSTEM_KEYS, type SystemKey, systemOfSlug, systemSlug } from '../../model/system.ts'

/** The words that the claims of statements are made of; times come out as RFC 3339 in UTC. Called by the kinds. */

/** Most characters of a text. */
export const MAX_TEXT = 2_000
const TEXT = `must be text of 1 to ${MAX_TEXT} characters; the only control characters allowed are line feed and tab`
const LINE = 'must be text of 1 to 200 characters on one line'
/** Control characters could act on the terminal of whoever reads it, and half a surrogate pair is no character. */
export const text = z
  .string()
  .min(1, TEXT)
  .max(MAX_TEXT, TEXT)
  .regex(/^[\n\t\P{C}\p{Cf}\p{Co}\p{Cn}]*$/u, TEXT)
export const line = z
  .string()
  .min(1, LINE)
  .max(200, LINE)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, LINE)

const INSTANT = 'must be a time with its offset (RFC 3339), such as 2025-10-06T08:00:00Z'
/** To the millisecond, of the years 1000 to 9998 in UTC: what an offset leads out of them could not be written again. */
export const instant = z.iso
  .datetime({ offset: true, error: INSTANT })
  .transform(value => new Date(value).toISOString())
  .refine(utc => /^[1-9]\d{3}-/.test(utc) && !utc.startsWith('9999'), INSTANT)
export const date = z.iso.date('must be a date yyyy-mm-dd')
export const duration = z.iso.duration('must be a duration (ISO 8601), such as PT4H')

export const bpnl = z.string().regex(BPNL, 'must be a BPNL (CX-0010): BPNL and 12 letters or digits')
export const bpns = z.string().regex(BPNS, 'must be a BPNS (CX-0010): BPNS and 12 letters or digits')
export const wave = z.int().min(1).max(99)

const hexDigest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest in hexadecimal')
/** `{ "sha256": "…" }`, as in-toto and SLSA write digests. */
export const digest = z.strictObject({ sha256: hexDigest.describe('SHA-256 in hexadecimal') })

/** Exact decimal text, such as `1843221900.14`. */
export const decimal = z
  .string()
  .regex(/^-?\d{1,30}(\.\d{1,10})?$/, 'must be a decimal as text, such as "1843221900.14"')

const SYSTEM_URN = 'urn:restored-system:'

export const systemUrn = (key: SystemKey): string => `${SYSTEM_URN}${systemSlug(key)}`

/** The subject of a statement about a system. */
export const systemSubject = z.enum(SYSTEM_KEYS.map(systemUrn)).describe('The system that it is about')

/** The system that such a subject names. */
export function systemOf(subject: string): SystemKey {
  const key = systemOfSlug(subject.slice(SYSTEM_URN.length))
  if (key === null || !subject.startsWith(SYSTEM_URN)) throw new TypeError('a subject that names no system was parsed')
  return key
}

/** The subject of a statement about something that has a name of its own, such as `urn:restart-update:2025-10-08`. */
export function named(urn: string, name: RegExp, example: string) {
  const pattern = new RegExp(`^${urn}:${name.source}$`)
  return z.string().regex(pattern, `must be ${urn}: and a name, such as ${urn}:${example}`)
}

/** The name in such a subject. */
export function nameIn(subject: string): string {
  return subject.slice(subject.indexOf(':', 'urn:'.length) + 1)
}
