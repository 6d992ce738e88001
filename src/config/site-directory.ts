import { z } from 'zod'
import { BPNA, BPNS } from '../model/business-partner-number.ts'
import { SITE_TYPES } from '../model/code-lists.ts'
import type { SiteDirectory } from '../model/directory.ts'
import { deepFreeze } from '../model/freeze.ts'
import { parseOperatorFile, refuseRepeats } from '../model/operator-file.ts'

/** The sites of the manufacturer and its partners. Called at start with the content of the site directory file. */

function createDirectorySchema() {
  // Asking for a time zone costs a tenth of a megabyte outside the heap, and thousands of sites share a few.
  const known = new Map<string, boolean>()
  function isTimeZone(name: string): boolean {
    const found = known.get(name) ?? hasTimes(name)
    known.set(name, found)
    return found
  }
  const site = z.strictObject({
    bpns: z.string().regex(BPNS, 'must be a BPNS (CX-0010): BPNS and 12 letters or digits'),
    bpna: z
      .string()
      .regex(BPNA, 'must be a BPNA (CX-0010): BPNA and 12 letters or digits')
      .nullish()
      .transform(bpna => bpna ?? null),
    name: z.string().min(1).max(200),
    type: z.enum(SITE_TYPES),
    country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code, such as GB'),
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/London'),
  })
  return z.strictObject({
    sites: z
      .array(site)
      .min(1)
      .superRefine(refuseRepeats(({ bpns }) => bpns, 'bpns')),
  })
}

/** Parses `sites: [{ bpns, bpna?, name, type, country, timeZone }]`; throws `ConfigError` with every problem. */
export function parseSiteDirectory(value: unknown, source: string): SiteDirectory {
  const { sites } = parseOperatorFile(createDirectorySchema(), { source, value })
  return new Map(sites.map(site => [site.bpns, deepFreeze(site)]))
}

function hasTimes(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== undefined
  } catch {
    return false
  }
}
