/**
 * Exact arithmetic on decimals carried as text. Amounts and quantities never pass through a float.
 */

/** Sum of decimals; the result has as many digits after the point as the longest of them. */
export function sumOf(values: readonly string[]): string {
  const scale = values.reduce((most, value) => Math.max(most, scaleOf(value)), 0)
  const total = values.reduce((sum, value) => sum + unscaled(value, scale), 0n)
  return scaled(total, scale)
}

export function isZero(value: string): boolean {
  return unscaled(value, scaleOf(value)) === 0n
}

export function isPositive(value: string): boolean {
  return unscaled(value, scaleOf(value)) > 0n
}

const BILLION = 1_000_000_000n

/** Longer text is no amount of anything, and would cost time to compare. */
const MOST_CHARACTERS = 200

/**
 * Whether a value is off the expected one by no more than this part of it: 0.01 is one in a hundred, 0 is nothing at all,
 * 1 the most. Never throws: what is no plain decimal of at most 200 characters is within nothing.
 */
export function isWithin(value: string, expected: string, tolerance: number): boolean {
  if (!isPlain(value) || !isPlain(expected) || !(tolerance >= 0 && tolerance <= 1)) return false
  const scale = Math.max(scaleOf(value), scaleOf(expected))
  const target = unscaled(expected, scale)
  const allowed = magnitude(target) * BigInt(Math.round(tolerance * Number(BILLION)))
  return magnitude(unscaled(value, scale) - target) * BILLION <= allowed
}

function isPlain(text: string): boolean {
  return text.length <= MOST_CHARACTERS && /^-?\d+(\.\d+)?$/.test(text)
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function scaleOf(value: string): number {
  const point = value.indexOf('.')
  return point < 0 ? 0 : value.length - point - 1
}

function unscaled(value: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = value.split('.')
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`)
}

function scaled(value: bigint, scale: number): string {
  const digits = magnitude(value)
    .toString()
    .padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}
