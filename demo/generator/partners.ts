import type { PartnerRole } from '../../src/model/viewer.ts'
import { businessPartnerNumber } from './business-partner-number.ts'
import {
  FUNDER_NAMES,
  RETAILER_NAMES,
  RETAILER_TRADES,
  SUPPLIER_COUNTRIES,
  SUPPLIER_NAMES,
  SUPPLIER_TRADES,
} from './names.ts'
import { allocate, createRandom } from './random.ts'
import { IMPORT_REGION, NORTH_BRITAIN, REGIONS, type Region } from './sites.ts'
import type { Volumes } from './volumes.ts'

/**
 * Partners: who they are and how much of each volume is theirs. A few thousand at most, so they are held; their rows
 * never are. The first retailer and the first supplier are the samples, and have more than most.
 */
export interface Trader {
  readonly index: number
  readonly bpnl: string
  /** The partner's own site. */
  readonly bpns: string
  readonly bpna: string | null
  readonly name: string
  readonly role: PartnerRole
  readonly country: string
  readonly timeZone: string
  /** OAuth client of the partner. */
  readonly client: string
  readonly wave: number | null
}

/** A run of entities numbered through all partners: this partner's begin at `from`. */
interface Share {
  readonly from: number
  readonly count: number
}

export type Currency = 'GBP' | 'EUR'

/** A retailer, or an importer: both order parts and take vehicles. */
export interface Retailer extends Trader {
  readonly region: Region
  readonly vehicles: Share
  readonly orderLines: Share
}

export interface Supplier extends Trader {
  /** Most deal in one currency. */
  readonly currencies: readonly [Currency, ...Currency[]]
  readonly terms: '60 days net' | '30 days net' | '14 days 2 %, 60 days net'
  /** Takes part in the financing scheme. */
  readonly financed: boolean
  /** What its invoice references begin with; some suppliers use the same, as in life. */
  readonly referencePrefix: string
  readonly invoices: Share
}

export interface Partners {
  readonly retailers: readonly Retailer[]
  readonly suppliers: readonly Supplier[]
  readonly funders: readonly Trader[]
  readonly logisticsProvider: Trader
  /** The manufacturer itself, whose internal application asks. */
  readonly internal: Trader
}

/** Waves of the limited opening: the samples and a third of the partners come first, a few are in none yet. */
const waveOf = (index: number): number | null =>
  index === 0 ? 1 : (([1, 2, 3, 1, 2, 3, 1, 2, 3, null] as const)[index % 10] ?? null)

function shares(total: number, weights: readonly number[]): readonly Share[] {
  let from = 0
  return allocate(total, weights).map(count => {
    const share = { from, count }
    from += count
    return share
  })
}

const at = <T>(items: readonly [T, ...T[]], index: number): T => items[index % items.length] ?? items[0]

function trader(
  role: PartnerRole,
  series: string,
  index: number,
  client: string,
): Omit<Trader, 'name' | 'country' | 'timeZone'> {
  return {
    index,
    bpnl: businessPartnerNumber('L', series, index + 1),
    bpns: businessPartnerNumber('S', series, index + 1),
    // Suppliers' sites have no address number, so that the directory shows both.
    bpna: role === 'SUPPLIER' ? null : businessPartnerNumber('A', series, index + 1),
    role,
    client,
    wave: waveOf(index),
  }
}

const numbered = (name: string, index: number) => `${name}-${String(index + 1).padStart(4, '0')}`

function createRetailers(seed: number, volumes: Volumes): readonly Retailer[] {
  const count = volumes.retailers + 1
  const weights = Array.from({ length: count }, (_, index) =>
    index === 0 ? 2.5 : 0.4 + 1.2 * createRandom(seed, 'retailer size', index).unit(),
  )
  const vehicles = shares(volumes.vehicles, weights)
  const orderLines = shares(volumes.orderLines, weights)
  const regions = REGIONS.map(region => [region, region.weight] as const)
  const [first, ...others] = regions
  return weights.map((_, index) => {
    const imports = index === volumes.retailers
    const random = createRandom(seed, 'retailer', index)
    const drawn = first === undefined ? NORTH_BRITAIN : random.weighted([first, ...others])
    const region = imports ? IMPORT_REGION : index === 0 ? NORTH_BRITAIN : drawn
    const name = `${at(RETAILER_NAMES, index)} ${at(RETAILER_TRADES, index + Math.floor(index / RETAILER_NAMES.length))}`
    const client = index === 0 ? 'sample-retailer' : imports ? numbered('importer', 0) : numbered('retailer', index)
    return {
      ...trader(imports ? 'IMPORTER' : 'RETAILER', imports ? 'I' : 'R', imports ? 0 : index, client),
      index,
      name: imports ? 'Gulf & Cape Vehicle Imports' : `${name} ${random.pick(region.towns)}`,
      country: region.country,
      timeZone: region.timeZone,
      region,
      vehicles: vehicles[index] ?? { from: 0, count: 0 },
      orderLines: orderLines[index] ?? { from: 0, count: 0 },
    }
  })
}

function createSuppliers(seed: number, volumes: Volumes): readonly Supplier[] {
  const weights = Array.from({ length: volumes.suppliers }, (_, index) =>
    index === 0 ? 1.8 : 0.3 + 2 * createRandom(seed, 'supplier size', index).unit() ** 2,
  )
  const invoices = shares(volumes.invoices, weights)
  return weights.map((_, index) => {
    const random = createRandom(seed, 'supplier', index)
    const { country, timeZone, form } = at(SUPPLIER_COUNTRIES, index)
    const word = at(SUPPLIER_NAMES, index)
    const own: Currency = country === 'GB' ? 'GBP' : 'EUR'
    const other: Currency = own === 'GBP' ? 'EUR' : 'GBP'
    return {
      ...trader('SUPPLIER', 'S', index, index === 0 ? 'sample-supplier' : numbered('supplier', index)),
      name: `${word} ${at(SUPPLIER_TRADES, index + Math.floor(index / SUPPLIER_NAMES.length))} ${form}`,
      country,
      timeZone,
      currencies: index % 15 === 0 ? [own, other] : [own],
      terms: random.weighted([
        ['60 days net', index === 0 ? 1_000 : 8],
        ['30 days net', 1],
        ['14 days 2 %, 60 days net', 1],
      ]),
      financed: index % 3 === 0,
      referencePrefix: index % 5 === 4 ? 'INV' : word.slice(0, 2).toUpperCase(),
      invoices: invoices[index] ?? { from: 0, count: 0 },
    }
  })
}

export function createPartners(seed: number, volumes: Volumes): Partners {
  const britain = { country: 'GB', timeZone: 'Europe/London' }
  return {
    retailers: createRetailers(seed, volumes),
    suppliers: createSuppliers(seed, volumes),
    funders: FUNDER_NAMES.map((name, index) => ({
      ...trader('FUNDER', 'F', index, numbered('funder', index)),
      ...britain,
      name,
    })),
    logisticsProvider: {
      ...trader('LOGISTICS_PROVIDER', 'L', 0, numbered('logistics', 0)),
      ...britain,
      name: 'Trentway Contract Logistics',
    },
    internal: { ...trader('INTERNAL', 'M', 0, 'sample-internal'), ...britain, name: 'Restart control room' },
  }
}
