import type { Site } from '../../src/model/directory.ts'
import { HALEWOOD, NITRA, SOLIHULL } from './sites.ts'

/** The models that are built: where, and what a vehicle identification number says of them. */
export interface Model {
  readonly code: string
  readonly names: readonly [string, ...string[]]
  readonly plant: Site
  /** Characters 4 and 5 of the VIN (ISO 3779): the model. */
  readonly descriptor: string
  /** Character 11: the plant. */
  readonly plantCode: string
  /** Net price of the plainest, in pounds. */
  readonly price: number
}

const [A, H, N] = ['A', 'H', '2'] as const

const model = (
  code: string,
  plant: Site,
  plantCode: string,
  descriptor: string,
  price: number,
  ...names: readonly [string, ...string[]]
): Model => ({ code, names, plant, descriptor, plantCode, price })

export const RANGE_ROVER = model(
  'L460',
  SOLIHULL,
  A,
  'KA',
  88_000,
  'Range Rover P440e SE',
  'Range Rover D350 Autobiography',
  'Range Rover P530 SV',
)
export const RANGE_ROVER_SPORT = model(
  'L461',
  SOLIHULL,
  A,
  'WA',
  66_000,
  'Range Rover Sport D300 Dynamic SE',
  'Range Rover Sport P460e Autobiography',
)
export const RANGE_ROVER_VELAR = model(
  'L560',
  SOLIHULL,
  A,
  'YA',
  46_000,
  'Range Rover Velar D200 S',
  'Range Rover Velar P400e Dynamic HSE',
)
export const RANGE_ROVER_EVOQUE = model(
  'L551',
  HALEWOOD,
  H,
  'ZA',
  37_000,
  'Range Rover Evoque D165 S',
  'Range Rover Evoque P270e Dynamic SE',
)
export const DISCOVERY_SPORT = model(
  'L550',
  HALEWOOD,
  H,
  'CA',
  35_000,
  'Discovery Sport D200 S',
  'Discovery Sport P270e Dynamic SE',
)
export const DEFENDER = model(
  'L663',
  NITRA,
  N,
  'EA',
  50_000,
  'Defender 110 D250 S',
  'Defender 90 P300 X-Dynamic SE',
  'Defender 130 D350 X',
  'Defender OCTA P635',
)
export const DISCOVERY = model('L462', NITRA, N, 'RA', 53_000, 'Discovery D300 S', 'Discovery D350 Dynamic HSE')

export const MODELS = [
  RANGE_ROVER,
  RANGE_ROVER_SPORT,
  RANGE_ROVER_VELAR,
  RANGE_ROVER_EVOQUE,
  DISCOVERY_SPORT,
  DEFENDER,
  DISCOVERY,
] as const
