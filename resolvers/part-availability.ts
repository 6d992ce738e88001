import type { FieldContext } from '../src/graphql/context.ts'
import type { AvailabilityLineModel, AvailabilityModel, PartModel } from '../src/graphql/models.ts'
import type { AvailabilityOutcome, PartAvailabilityResolvers } from '../src/graphql/schema.generated.ts'
import { isPositive } from '../src/model/decimal.ts'
import { GatewayError } from '../src/model/errors.ts'
import { keyOf } from '../src/model/key.ts'
import { part, partAvailability, siteService } from '../src/systems/relations/parts-logistics.ts'

/** The answer to an enquiry, one entry per part number in the order asked. */
export const PartAvailability: PartAvailabilityResolvers = {
  part: (availability, _, context) => partOf(availability, context),
  lines: (availability, _, context) => linesOf(availability, context),
  outcome: async (availability, _, context) => {
    const [known, lines] = await Promise.all([partOf(availability, context), linesOf(availability, context)])
    return outcomeOf(known, lines)
  },
  provenance: async (availability, _, context) => {
    const [known, lines] = await Promise.all([partOf(availability, context), linesOf(availability, context)])
    return (lines[0] ?? known)?.provenance ?? null
  },
}

/** One entry per part number; the sites are those that serve the viewer, or those of them that serve an address. */
export async function enquire(
  partNumbers: readonly string[],
  shipToBpns: string | null,
  context: FieldContext,
): Promise<readonly AvailabilityModel[]> {
  const sites = shipToBpns === null ? context.facts.sites : await sitesServing(shipToBpns, context)
  const place = keyOf(...sites)
  return partNumbers.map(requestedPartNumber => ({ id: `${requestedPartNumber}@${place}`, requestedPartNumber, sites }))
}

async function sitesServing(shipToBpns: string, { reads, facts }: FieldContext): Promise<readonly string[]> {
  const services = await reads.many(siteService, ['shipToBpns'], [shipToBpns], { owner: facts.owner })
  const sites = services.toSorted((a, b) => a.rank - b.rank).map(service => service.siteBpns)
  const served = sites.filter(bpns => facts.sites.includes(bpns))
  if (served.length > 0) return served
  throw new GatewayError('BAD_USER_INPUT', 'shipToBpns: is not a delivery site of yours.', {
    details: { argument: 'shipToBpns' },
  })
}

function partOf({ requestedPartNumber }: AvailabilityModel, { reads }: FieldContext): Promise<PartModel | null> {
  return reads.one(part, [requestedPartNumber], {})
}

/** Lines in the order of the sites, which is the order in which they serve the viewer. */
async function linesOf(
  { requestedPartNumber, sites }: AvailabilityModel,
  { reads, facts }: FieldContext,
): Promise<readonly AvailabilityLineModel[]> {
  const lines = await reads.many(partAvailability, ['partNumber'], [requestedPartNumber], { sites: facts.sites })
  return lines
    .filter(line => sites.includes(line.siteBpns))
    .toSorted((a, b) => sites.indexOf(a.siteBpns) - sites.indexOf(b.siteBpns))
}

function outcomeOf(known: PartModel | null, lines: readonly AvailabilityLineModel[]): AvailabilityOutcome {
  if (known === null) return 'UNKNOWN_PART'
  const promising = lines.filter(line => isPositive(line.quantityAvailableToPromise))
  if (known.supersededByPartNumber !== null && (promising.length === 0 || !known.useUpOldStock)) return 'SUPERSEDED'
  if (lines.length === 0) return 'NOT_STOCKED'
  if (promising.length === 0) return 'BACKORDER'
  return promising.length === lines.length ? 'AVAILABLE' : 'PARTLY_AVAILABLE'
}
