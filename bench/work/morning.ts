import { createRandom } from '../../demo/generator/random.ts'
import type { BenchPartner } from '../site/site.ts'
import { AVAILABILITY, INVOICES, PART, RESTART, WHOLESALES } from './documents.ts'
import { type Askers, ask, type NextQuestion, partnerAt } from './questions.ts'
import { createZipf } from './zipf.ts'

/**
 * A retail morning: 2,000 partners, a few of them busy and most of them not, ask what they ask on a working day. Called
 * by the measurements of the mix; the same seed gives the same morning.
 */

/** Partners who ask, and how many of them are suppliers. */
const RETAILERS = 1_300
const SUPPLIERS = 700
const MOST_PARTS = 40
const PAGE = 20
/** In percent. */
const SHARES = [
  ['availability', 70],
  ['part', 10],
  ['invoices', 10],
  ['wholesales', 5],
  ['restart', 5],
] as const

export function createMorning({ retailers, suppliers, partNumbers }: Askers, seed: number): NextQuestion {
  const random = createRandom(seed, 'retail morning')
  const busyRetailers = drawnFrom(retailers.slice(0, RETAILERS))
  const busySuppliers = drawnFrom(suppliers.slice(0, SUPPLIERS))
  const parts = createZipf(partNumbers.length)
  // Which part is popular has nothing to do with where it stands in the catalogue: a step without a common divisor.
  const stride = strideOver(partNumbers.length)
  const part = () => partNumbers[(parts.draw(random) * stride) % partNumbers.length] ?? ''

  function drawnFrom(partners: readonly BenchPartner[]): () => BenchPartner {
    const activity = createZipf(partners.length)
    return () => partnerAt(partners, activity.draw(random))
  }

  function someParts(): readonly string[] {
    const wanted = Math.min(random.int(1, MOST_PARTS), partNumbers.length)
    const drawn = new Set<string>()
    while (drawn.size < wanted) drawn.add(part())
    return [...drawn]
  }

  return () => {
    switch (random.weighted(SHARES)) {
      case 'availability':
        return ask(busyRetailers(), AVAILABILITY, { partNumbers: someParts() })
      case 'part':
        return ask(busyRetailers(), PART, { partNumber: part() })
      case 'invoices':
        return ask(busySuppliers(), INVOICES, { first: PAGE })
      case 'wholesales':
        return ask(busyRetailers(), WHOLESALES, { first: PAGE })
      case 'restart':
        return ask(random.chance(SUPPLIERS / (SUPPLIERS + RETAILERS)) ? busySuppliers() : busyRetailers(), RESTART)
    }
  }
}

/** About the golden section of `count`, and coprime to it: a walk in such steps meets every place once. */
export function strideOver(count: number): number {
  let stride = Math.max(1, Math.round(count * 0.618))
  while (greatestCommonDivisor(stride, count) !== 1) stride += 1
  return stride
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
