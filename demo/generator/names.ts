/** Invented names, plausible in their trade; any likeness to a firm is chance. Only `partners.ts` puts them together. */

export const RETAILER_NAMES = [
  'Aldermoor',
  'Brackenhill',
  'Calverdale',
  'Dunsmere',
  'Elverstone',
  'Fernleigh',
  'Garrowmoor',
  'Hollinsgate',
  'Ingleford',
  'Kelstone',
  'Larkhurst',
  'Marlescombe',
  'Netherwick',
  'Oakenshaw',
  'Pembrey',
  'Quarrington',
  'Ravenscar',
  'Silverdene',
  'Thornbeck',
  'Underhill',
  'Wexcombe',
  'Yarrowdale',
  'Ashgrove',
] as const

export const RETAILER_TRADES = [
  'Motor Company',
  'of',
  'Land & Country',
  '4x4 Centre',
  '& Daughters',
  'Automotive',
] as const

export const SUPPLIER_NAMES = [
  'Altfeld',
  'Bremhart',
  'Calderworth',
  'Dorneck',
  'Evenlode',
  'Ferrovia',
  'Granholt',
  'Hradek',
  'Isarwerk',
  'Javorina',
  'Kestrel',
  'Lindmar',
  'Montsec',
  'Norrhain',
  'Orbek',
  'Pennard',
  'Quercia',
  'Rothwell',
  'Severnside',
  'Tatranec',
  'Ulmbach',
  'Valdorra',
  'Westmark',
  'Zelina',
  'Ironbridge',
  'Wendmoor',
  'Halvorsen',
] as const

export const SUPPLIER_TRADES = [
  'Pressings',
  'Castings',
  'Seating Systems',
  'Wiring Harnesses',
  'Sealing Technology',
  'Lighting',
  'Fasteners',
  'Interior Trim',
  'Thermal Systems',
  'Glass',
  'Driveline',
  'Plastics',
  'Precision Machining',
  'Electronics',
  'Brake Systems',
  'Exhausts',
] as const

/** Legal forms by country, where the suppliers sit; the United Kingdom three times as often. */
export const SUPPLIER_COUNTRIES = [
  { country: 'GB', timeZone: 'Europe/London', form: 'Ltd' },
  { country: 'DE', timeZone: 'Europe/Berlin', form: 'GmbH' },
  { country: 'GB', timeZone: 'Europe/London', form: 'Ltd' },
  { country: 'SK', timeZone: 'Europe/Bratislava', form: 's.r.o.' },
  { country: 'GB', timeZone: 'Europe/London', form: 'plc' },
  { country: 'FR', timeZone: 'Europe/Paris', form: 'SAS' },
  { country: 'PL', timeZone: 'Europe/Warsaw', form: 'Sp. z o.o.' },
] as const

export const FUNDER_NAMES = ['Marchgate Stocking Finance', 'Calder Street Automotive Funding'] as const
