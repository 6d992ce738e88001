/**
 * Random numbers that repeat: sfc32, seeded by (seed, stream, indices), so that any entity can be made again on its own
 * and two relations agree on it without either holding the other's rows. Used by the generator only; never for secrets.
 */
export interface Random {
  /** 0 ≤ n < 1. */
  unit(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<const L extends readonly [unknown, ...unknown[]]>(items: L): L[number]
  /** One of the choices, as likely as its weight says. */
  weighted<const T>(choices: readonly [Choice<T>, ...Choice<T>[]]): T
}

type Choice<T> = readonly [value: T, weight: number]

// Taken once: a look-up among the globals costs more than the arithmetic, where there are many to every row.
const { floor, imul } = Math

/** The finaliser of MurmurHash3: every bit of the input moves about half of the bits of the output. */
function mix(word: number): number {
  let h = word
  h = imul(h ^ (h >>> 16), 0x85ebca6b)
  h = imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export function createRandom(seed: number, stream: string, ...indices: readonly number[]): Random {
  let key = mix(seed)
  for (let i = 0; i < stream.length; i++) key = imul(key ^ stream.charCodeAt(i), 0x01000193)
  for (const index of indices) key = mix(imul(key, 31) + index + 0x9e3779b9)
  let a = mix(key)
  let b = mix(a ^ 0x243f6a88)
  let c = mix(b ^ 0xb7e15162)
  let counter = 1
  const uint32 = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 8; round++) uint32()
  const unit = () => uint32() / 0x1_0000_0000
  const int = (min: number, max: number) => min + floor(unit() * (max - min + 1))
  return {
    unit,
    int,
    chance: probability => unit() < probability,
    pick: items => items[int(0, items.length - 1)] ?? items[0],
    weighted(choices) {
      let rest = unit() * choices.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [value, weight] of choices) {
        rest -= weight
        if (rest < 0) return value
      }
      return choices[0][0]
    },
  }
}

/** Splits `total` into whole numbers in proportion to the weights; they add up to `total` exactly. */
export function allocate(total: number, weights: readonly number[]): readonly number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  let weighed = 0
  let given = 0
  return weights.map((weight, index) => {
    weighed += weight
    const until = index === weights.length - 1 ? total : floor((total * weighed) / whole)
    const share = until - given
    given = until
    return share
  })
}
