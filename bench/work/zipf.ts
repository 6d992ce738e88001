import type { Random } from '../../demo/generator/random.ts'

/**
 * Zipf's law: the n-th of `count` things is drawn in proportion to 1 / n^exponent. Used for partners' activity and for
 * the parts they ask for. Draws by bisection over the summed weights, so it is exact and quick for hundreds of thousands.
 */
export interface Zipf {
  /** An index from 0, the likeliest, to `count` - 1. */
  draw(random: Pick<Random, 'unit'>): number
}

/** @throws RangeError where there is nothing to draw from */
export function createZipf(count: number, exponent = 1): Zipf {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`nothing to draw from: ${count}`)
  const summed = new Float64Array(count)
  let sum = 0
  for (let index = 0; index < count; index++) {
    sum += 1 / (index + 1) ** exponent
    summed[index] = sum
  }
  return {
    draw(random) {
      const wanted = random.unit() * sum
      let low = 0
      let high = count - 1
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((summed[middle] ?? sum) > wanted) high = middle
        else low = middle + 1
      }
      return low
    },
  }
}
