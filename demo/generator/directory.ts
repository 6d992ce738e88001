import { Document, type Scalar, visit, type YAMLSeq } from 'yaml'
import type { Site } from '../../src/model/directory.ts'
import type { PartnerRole } from '../../src/model/viewer.ts'
import type { Dataset } from './dataset.ts'
import type { Trader } from './partners.ts'
import { PARTS_SITES, PLANTS } from './sites.ts'

/** The gateway's own reference data as YAML: the site directory and the partner registry that go with a dataset. */

const HEADER =
  '# Written by `recovery-gateway generate`: the names are invented. Do not edit; change demo/generator/ instead.\n'

/** One entry of partners.yaml. */
interface PartnerEntry {
  readonly bpnl: string
  readonly name: string
  readonly roles: readonly PartnerRole[]
  readonly scopes: readonly string[]
  /** BPNS of the parts sites that serve it, nearest first. */
  readonly sites: readonly string[]
  readonly wave: number | null
  readonly clients: readonly string[]
  readonly disabled?: true
}

const RETAIL_SCOPES = ['parts:read', 'orders:read', 'wholesale:read', 'restart:read']

const SCOPES: Readonly<Record<PartnerRole, readonly string[]>> = {
  RETAILER: RETAIL_SCOPES,
  IMPORTER: RETAIL_SCOPES,
  SUPPLIER: ['payments:read', 'demand:read', 'restart:read'],
  FUNDER: ['restart:read'],
  LOGISTICS_PROVIDER: ['restart:read'],
  INTERNAL: [
    'parts:read',
    'orders:read',
    'wholesale:read',
    'payments:read',
    'demand:read',
    'schedule:read',
    'restart:read',
    'evidence:read',
    'schema:read',
  ],
}

/** Every site: parts sites, plants, and the own site of each retailer, importer and supplier. */
export function sitesOf({ partners }: Dataset): readonly Site[] {
  const own = (trader: Trader, type: Site['type']): Site => ({
    bpns: trader.bpns,
    bpna: trader.bpna,
    name: trader.name,
    type,
    country: trader.country,
    timeZone: trader.timeZone,
  })
  return [
    ...PARTS_SITES,
    ...PLANTS,
    ...partners.retailers.map(retailer => own(retailer, 'RETAILER')),
    ...partners.suppliers.map(supplier => own(supplier, 'SUPPLIER')),
  ]
}

/** The partner registry's entries; one retailer is disabled, so that a refusal can be seen. */
function partnerEntriesOf({ partners }: Dataset): readonly PartnerEntry[] {
  const entry = (trader: Trader, sites: readonly Site[], disabled = false): PartnerEntry => ({
    bpnl: trader.bpnl,
    name: trader.name,
    roles: [trader.role],
    scopes: SCOPES[trader.role],
    sites: sites.map(site => site.bpns),
    wave: trader.wave,
    clients: [trader.client],
    ...(disabled ? { disabled } : {}),
  })
  return [
    entry(partners.internal, PARTS_SITES),
    ...partners.retailers.map(retailer =>
      entry(retailer, retailer.region.served, retailer.index === partners.retailers.length - 2),
    ),
    ...partners.suppliers.map(supplier => entry(supplier, [])),
    ...partners.funders.map(funder => entry(funder, [])),
    entry(partners.logisticsProvider, []),
  ]
}

const LIST_WIDTH = 100

/** A list of plain values stands on one line where it fits, and repeated ones are written out, not aliased. */
function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Seq: (_, sequence: YAMLSeq) => {
      const values = sequence.items.map(item => (item as Scalar).value)
      sequence.flow = values.every(value => value !== undefined) && values.join(', ').length < LIST_WIDTH
    },
  })
  return HEADER + document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

export const sitesYaml = (dataset: Dataset): string => yaml({ sites: sitesOf(dataset) })
export const partnersYaml = (dataset: Dataset): string => yaml({ partners: partnerEntriesOf(dataset) })
