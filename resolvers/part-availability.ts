import type { FieldContext } from '../src/graphql/context.ts'
import type { AvailabilityLineModel, AvailabilityModel, PartModel } from '../src/graphql/models.ts'
import type { AvailabilityOutcome, PartAvailabilityResolvers } from '../src/graphql/schema.generated.ts'
import { isPositive } from '../src/model/decimal.ts'
import { GatewayError } from '../src/model/errors.ts'
import { keyOf } from '../src/model/key.ts'
import type { Provenance } from '../src/model/provenance.ts'
import { part, partAvailability, siteService } from '../src/systems/relations/parts-logistics.ts'

/** The answer to an enquiry, one entry per part number in the order asked. */
export const PartAvailability: PartAvailabilityResolvers = {
  part: (availability, _, context) => partOf(availability, context),
  lines: (availability, _, context) => enquiryOf(availability, context).lines(),
  outcome: (availability, _, context) => enquiryOf(availability, context).found().then(outcomeOf),
  provenance: (availability, _, context) => enquiryOf(availability, context).found().then(provenanceOf),
}

/** What the fields of one entry make of the rows, which is the same for each of them. */
interface Enquiry {
  readonly lines: () => Promise<Lines>
  readonly found: () => Promise<Found>
}
type Lines = readonly AvailabilityLineModel[]
interface Found {
  readonly known: PartModel | null
  readonly lines: Lines
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

function enquiryOf(availability: AvailabilityModel, context: FieldContext): Enquiry {
  const { reads, facts } = context
  // Asked for by each field, so that none comes to depend on them undeclared.
  const { sites } = facts
  return reads.once(availability, () => {
    let lines: Promise<Lines> | undefined
    let found: Promise<Found> | undefined
    const enquiry: Enquiry = {
      lines() {
        lines ??= reads
          .many(partAvailability, ['partNumber'], [availability.requestedPartNumber], { sites })
          .then(rows => bestPlacedFirst(rows, availability.sites))
        return lines
      },
      found() {
        found ??= Promise.all([partOf(availability, context), enquiry.lines()]).then(([known, lines]) => ({
          known,
          lines,
        }))
        return found
      },
    }
    return enquiry
  })
}

/** Lines in the order of the sites, which is the order in which they serve the viewer. */
function bestPlacedFirst(lines: Lines, sites: readonly string[]): Lines {
  return lines
    .filter(line => sites.includes(line.siteBpns))
    .sort((a, b) => sites.indexOf(a.siteBpns) - sites.indexOf(b.siteBpns))
}

function outcomeOf({ known, lines }: Found): AvailabilityOutcome {
  if (known === null) return 'UNKNOWN_PART'
  const promising = lines.filter(line => isPositive(line.quantityAvailableToPromise))
  if (known.supersededByPartNumber !== null && (promising.length === 0 || !known.useUpOldStock)) return 'SUPERSEDED'
  if (lines.length === 0) return 'NOT_STOCKED'
  if (promising.length === 0) return 'BACKORDER'
  return promising.length === lines.length ? 'AVAILABLE' : 'PARTLY_AVAILABLE'
}

function provenanceOf({ known, lines }: Found): Provenance | null {
  return (lines[0] ?? known)?.provenance ?? null
}
