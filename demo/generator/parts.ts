import type { PartRow, PartSupersessionRow } from '../../src/systems/relations/parts-logistics.ts'
import type { World } from './world.ts'

/**
 * The parts catalogue. Parts come in blocks of 30: 20 current ones, and the 1 + 2 + 3 + 4 predecessors of the first four,
 * so a third is superseded, by chains of one to four steps. All of a part follows from its index.
 */

const BLOCK = 30
const CURRENT = 20

/** Where the chain of predecessors of the n-th current part of a block begins. */
const CHAIN_STARTS = [20, 21, 23, 26, 30] as const

const NOUNS = [
  ['Brake pad set', 'SET', 6_200],
  ['Oil filter', 'H87', 1_150],
  ['Air filter element', 'H87', 1_900],
  ['Headlamp assembly', 'H87', 54_000],
  ['Door mirror glass', 'H87', 4_400],
  ['Wiper blade pair', 'PR', 2_400],
  ['Suspension arm', 'H87', 11_800],
  ['Coolant hose', 'H87', 3_100],
  ['Wheel bearing kit', 'SET', 8_900],
  ['Bumper cover', 'H87', 23_500],
  ['Engine oil', 'LTR', 950],
  ['Sealing compound', 'KGM', 1_700],
  ['Weatherstrip', 'MTR', 1_300],
  ['Control module', 'H87', 39_000],
  ['Fuel injector', 'H87', 14_600],
  ['Trim clip', 'H87', 45],
  ['Air spring', 'H87', 31_000],
  ['Brake disc', 'H87', 7_300],
  ['Interior lamp', 'H87', 2_700],
  ['Wiring harness', 'H87', 18_200],
] as const

const PLACES = ['front', 'rear', 'left', 'right', 'upper', 'lower'] as const
const FITS = [
  'Range Rover',
  'Range Rover Sport',
  'Range Rover Velar',
  'Range Rover Evoque',
  'Defender',
  'Discovery',
  'Discovery Sport',
] as const

/** Six digits that jump about but never repeat below a million parts: the factor shares no divisor with a million. */
export const partNumberAt = (world: World, index: number): string => {
  const prefix = index % 7 === 5 ? 'T4K' : 'LR'
  return `${prefix}${String((index * 617_371 + world.partNumberOffset) % 1_000_000).padStart(6, '0')}`
}

/** The index of the part that replaces this one; null for a current part. */
export function successorOf(index: number): number | null {
  const place = index % BLOCK
  if (place < CURRENT) return null
  const chain = CHAIN_STARTS.findLastIndex(start => start <= place)
  return place + 1 === CHAIN_STARTS[chain + 1] ? index - place + chain : index + 1
}

export const currentPartCount = (world: World): number => (world.volumes.parts / BLOCK) * CURRENT

/** The index of the n-th current part. */
export const currentPartAt = (n: number): number => Math.floor(n / CURRENT) * BLOCK + (n % CURRENT)

/** How many current parts a supplier supplies, and the index of the n-th of them: each part has one supplier. */
export const suppliedPartCount = (world: World, supplier: number): number =>
  Math.ceil((currentPartCount(world) - supplier) / world.volumes.suppliers)
export const suppliedPartAt = (world: World, supplier: number, n: number): number =>
  currentPartAt(supplier + n * world.volumes.suppliers)

/** What the part is, its unit (UN/ECE Recommendation 20) and its price in pence. A chain keeps to one thing. */
export function partKind(
  world: World,
  index: number,
): { readonly noun: string; readonly unit: string; readonly price: number } {
  const current = currentOf(index)
  const random = world.random('part kind', current)
  const [noun, unit, price] = random.pick(NOUNS)
  return {
    noun: `${noun}, ${random.pick(PLACES)}, ${random.pick(FITS)}`,
    unit,
    price: Math.round(price * (0.6 + 0.8 * random.unit())),
  }
}

function currentOf(index: number): number {
  const next = successorOf(index)
  return next === null ? index : currentOf(next)
}

export const usesUpOldStock = (world: World, index: number): boolean =>
  successorOf(index) !== null && world.random('old stock', index).chance(0.4)

function partAt(world: World, index: number): PartRow {
  const next = successorOf(index)
  const { noun, unit } = partKind(world, index)
  const random = world.random('part', index)
  // Later members of a chain were replaced later: each step takes its own stretch of two hundred days.
  const stepsLeft = next === null ? 0 : chainOf(index).length - 1
  return {
    partNumber: partNumberAt(world, index),
    description: noun,
    baseUnit: unit,
    supersededByPartNumber: next === null ? null : partNumberAt(world, next),
    supersessionKind: next === null ? null : random.chance(0.7) ? 'REPLACEMENT' : 'INTERCHANGEABLE',
    effectiveFrom: next === null ? null : world.calendar.date(-200 * stepsLeft + random.int(0, 150)),
    useUpOldStock: usesUpOldStock(world, index),
    active: next === null,
  }
}

function chainOf(index: number): readonly number[] {
  const next = successorOf(index)
  return next === null ? [index] : [index, ...chainOf(next)]
}

export function* parts(world: World): Generator<PartRow> {
  for (let index = 0; index < world.volumes.parts; index++) yield partAt(world, index)
}

export function* partSupersessions(world: World): Generator<PartSupersessionRow> {
  for (let index = 0; index < world.volumes.parts; index++) {
    if (successorOf(index) === null) continue
    const chain = chainOf(index).map(member => partNumberAt(world, member))
    const partNumber = partNumberAt(world, index)
    yield { partNumber, currentPartNumber: chain.at(-1) ?? partNumber, chain }
  }
}

/** The part to supply where this one is ordered. */
export const currentPartFor = currentOf
