import type { Site } from '../../src/model/directory.ts'
import { businessPartnerNumber } from './business-partner-number.ts'

/**
 * The manufacturer's sites: one global parts logistics centre, twelve parts distribution centres and the plants; and the
 * regions of retail, each served by a fixed list of parts sites. Read by every generator of rows that names a place.
 */

function site(
  series: string,
  serial: number,
  type: Site['type'],
  name: string,
  country: string,
  timeZone: string,
): Site {
  const bpns = businessPartnerNumber('S', series, serial)
  return { bpns, bpna: businessPartnerNumber('A', series, serial), name, type, country, timeZone }
}

const distributionCentre = (serial: number, town: string, country: string, timeZone: string) =>
  site('D', serial, 'PARTS_DISTRIBUTION_CENTRE', `${town} Parts Distribution Centre`, country, timeZone)

const plant = (serial: number, name: string, country: string, timeZone: string) =>
  site('P', serial, 'PLANT', name, country, timeZone)

export const MERCIA_PARK = site(
  'D',
  1,
  'GLOBAL_PARTS_LOGISTICS_CENTRE',
  'Mercia Park Global Parts Logistics Centre',
  'GB',
  'Europe/London',
)
const DONCASTER = distributionCentre(2, 'Doncaster', 'GB', 'Europe/London')
const AVONMOUTH = distributionCentre(3, 'Avonmouth', 'GB', 'Europe/London')
const GHENT = distributionCentre(4, 'Ghent', 'BE', 'Europe/Brussels')
const KASSEL = distributionCentre(5, 'Kassel', 'DE', 'Europe/Berlin')
const LYON = distributionCentre(6, 'Lyon', 'FR', 'Europe/Paris')
const ZARAGOZA = distributionCentre(7, 'Zaragoza', 'ES', 'Europe/Madrid')
const VERONA = distributionCentre(8, 'Verona', 'IT', 'Europe/Rome')
const WROCLAW = distributionCentre(9, 'Wrocław', 'PL', 'Europe/Warsaw')
const NEWARK = distributionCentre(10, 'Newark', 'US', 'America/New_York')
const JEBEL_ALI = distributionCentre(11, 'Jebel Ali', 'AE', 'Asia/Dubai')
const DURBAN = distributionCentre(12, 'Durban', 'ZA', 'Africa/Johannesburg')
const SUZHOU = distributionCentre(13, 'Suzhou', 'CN', 'Asia/Shanghai')

export const PARTS_SITES = [
  MERCIA_PARK,
  DONCASTER,
  AVONMOUTH,
  GHENT,
  KASSEL,
  LYON,
  ZARAGOZA,
  VERONA,
  WROCLAW,
  NEWARK,
  JEBEL_ALI,
  DURBAN,
  SUZHOU,
] as const

export const SOLIHULL = plant(1, 'Solihull Vehicle Plant', 'GB', 'Europe/London')
export const HALEWOOD = plant(2, 'Halewood Vehicle Plant', 'GB', 'Europe/London')
export const NITRA = plant(3, 'Nitra Vehicle Plant', 'SK', 'Europe/Bratislava')
export const CASTLE_BROMWICH = plant(4, 'Castle Bromwich Stamping', 'GB', 'Europe/London')
export const WOLVERHAMPTON = plant(5, 'Wolverhampton Engine Plant', 'GB', 'Europe/London')
export const HAMS_HALL = plant(6, 'Hams Hall Battery Assembly Centre', 'GB', 'Europe/London')

export const PLANTS = [SOLIHULL, HALEWOOD, NITRA, CASTLE_BROMWICH, WOLVERHAMPTON, HAMS_HALL] as const

export interface Region {
  readonly country: string
  readonly timeZone: string
  readonly currency: 'GBP' | 'EUR'
  readonly towns: readonly [string, ...string[]]
  /** The parts sites that serve the region, nearest first. */
  readonly served: readonly [Site, ...Site[]]
  /** Share of the retailers. */
  readonly weight: number
}

export const NORTH_BRITAIN: Region = {
  country: 'GB',
  timeZone: 'Europe/London',
  currency: 'GBP',
  towns: [
    'Harrogate',
    'Carlisle',
    'Preston',
    'Perth',
    'Chester',
    'Lincoln',
    'Hexham',
    'Sheffield',
    'Durham',
    'Stirling',
  ],
  served: [DONCASTER, MERCIA_PARK, AVONMOUTH],
  weight: 24,
}

export const REGIONS: readonly [Region, ...Region[]] = [
  NORTH_BRITAIN,
  {
    country: 'GB',
    timeZone: 'Europe/London',
    currency: 'GBP',
    towns: [
      'Exeter',
      'Guildford',
      'Cardiff',
      'Norwich',
      'Salisbury',
      'Reading',
      'Truro',
      'Canterbury',
      'Bath',
      'Hereford',
    ],
    served: [AVONMOUTH, MERCIA_PARK, DONCASTER],
    weight: 24,
  },
  {
    country: 'BE',
    timeZone: 'Europe/Brussels',
    currency: 'EUR',
    towns: ['Antwerp', 'Bruges', 'Namur', 'Leuven', 'Hasselt', 'Liège'],
    served: [GHENT, KASSEL, MERCIA_PARK],
    weight: 8,
  },
  {
    country: 'DE',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    towns: ['Münster', 'Ulm', 'Bremen', 'Regensburg', 'Mainz', 'Kiel', 'Freiburg', 'Erfurt'],
    served: [KASSEL, GHENT, MERCIA_PARK],
    weight: 14,
  },
  {
    country: 'FR',
    timeZone: 'Europe/Paris',
    currency: 'EUR',
    towns: ['Annecy', 'Dijon', 'Nantes', 'Tours', 'Reims', 'Bordeaux'],
    served: [LYON, GHENT, MERCIA_PARK],
    weight: 10,
  },
  {
    country: 'ES',
    timeZone: 'Europe/Madrid',
    currency: 'EUR',
    towns: ['Bilbao', 'Girona', 'Burgos', 'Murcia', 'Oviedo'],
    served: [ZARAGOZA, LYON, MERCIA_PARK],
    weight: 7,
  },
  {
    country: 'IT',
    timeZone: 'Europe/Rome',
    currency: 'EUR',
    towns: ['Bergamo', 'Parma', 'Trieste', 'Lucca', 'Padua'],
    served: [VERONA, LYON, MERCIA_PARK],
    weight: 7,
  },
  {
    country: 'PL',
    timeZone: 'Europe/Warsaw',
    currency: 'EUR',
    towns: ['Gdańsk', 'Lublin', 'Opole', 'Toruń', 'Rzeszów'],
    served: [WROCLAW, KASSEL, MERCIA_PARK],
    weight: 6,
  },
]

/** Where importers buy: markets without retailers of their own. */
export const IMPORT_REGION: Region = {
  country: 'AE',
  timeZone: 'Asia/Dubai',
  currency: 'EUR',
  towns: ['Dubai', 'Durban', 'Newark', 'Suzhou'],
  served: [JEBEL_ALI, DURBAN, NEWARK, SUZHOU, MERCIA_PARK],
  weight: 0,
}
