import { z } from 'zod'
import { BPNL, BPNS } from '../model/business-partner-number.ts'
import { ConfigError, parseOperatorFile, refuseRepeats } from '../model/operator-file.ts'
import { PARTNER_ROLES, type Partner } from '../model/viewer.ts'

/** The partner registry as an operator writes it. Called at start, and by the registry before it takes a change. */

/** A partner with all that the registry grants it. */
export interface PartnerEntry extends Partner {
  readonly scopes: readonly string[]
  /** Client identifiers at the issuer (`client_id`) that act for this partner. */
  readonly clients: readonly string[]
  /** True: every client of the partner is refused. */
  readonly disabled: boolean
  /** In units of the cost directives; null or left out: those of the configuration. */
  readonly limits: { readonly operationCost?: number | undefined; readonly costPerMinute?: number | undefined } | null
}

const unique = refuseRepeats((name: string) => name)
const cost = z.int().min(1)

const entrySchema = z.strictObject({
  bpnl: z.string().regex(BPNL, 'must be a BPNL (CX-0010): BPNL and 12 letters or digits'),
  name: z.string().min(1).max(200),
  roles: z.array(z.enum(PARTNER_ROLES)).min(1).superRefine(unique),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be a scope (RFC 6749), such as parts:read'))
    .superRefine(unique),
  sites: z
    .array(z.string().regex(BPNS, 'must be a BPNS (CX-0010): BPNS and 12 letters or digits'))
    .default([])
    .superRefine(unique),
  wave: z
    .int()
    .min(1)
    .max(99)
    .nullish()
    .transform(wave => wave ?? null),
  clients: z
    .array(z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be a client identifier of 1 to 255 printable characters'))
    .min(1),
  disabled: z.boolean().default(false),
  limits: z
    .strictObject({ operationCost: cost.optional(), costPerMinute: cost.optional() })
    .nullish()
    .transform(limits => limits ?? null),
})

const registrySchema = z.strictObject({ partners: z.array(entrySchema) })

/** Parses `partners: [{ bpnl, name, roles, scopes, sites, wave, clients, disabled?, limits? }]`; throws `ConfigError`. */
export function parsePartners(value: unknown, source: string): readonly PartnerEntry[] {
  const { partners } = parseOperatorFile(registrySchema, { source, value })
  assertDistinct(partners, source)
  return partners
}

/** Every site that entries name, with its place. */
export function sitesOfPartners(entries: readonly PartnerEntry[]): readonly (readonly [place: string, bpns: string])[] {
  return entries.flatMap(({ sites }, index) =>
    sites.map((bpns, at) => [`partners[${index}].sites[${at}]`, bpns] as const),
  )
}

/** Throws `ConfigError` where two entries have the same BPNL or the same client, naming both places. */
export function assertDistinct(entries: readonly PartnerEntry[], source = 'partner registry'): void {
  const places = new Map<string, string>()
  const problems: string[] = []
  const claim = (name: string, place: string) => {
    const earlier = places.get(name)
    if (earlier === undefined) places.set(name, place)
    else problems.push(`${source}: ${place}: ${name} stands at ${earlier} already; it belongs to one partner, once`)
  }
  for (const [index, { bpnl, clients }] of entries.entries()) {
    claim(bpnl, `partners[${index}].bpnl`)
    for (const [position, client] of clients.entries())
      claim(`client ${client}`, `partners[${index}].clients[${position}]`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
}
