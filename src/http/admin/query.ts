import { GatewayError } from '../../model/errors.ts'

/** The query parameters of the admin listener, read strictly: what is not known, or not exactly so, is refused. */

/** @throws GatewayError BAD_REQUEST for a parameter that is none of these, or stands there twice */
export function readQuery<const N extends string>(
  query: unknown,
  names: readonly N[],
): Readonly<Partial<Record<N, string>>> {
  const given = query ?? {}
  const known = Object.entries(given).every(
    ([name, value]) => typeof value === 'string' && (names as readonly string[]).includes(name),
  )
  if (known) return given as Partial<Record<N, string>>
  const allowed = names.length === 0 ? 'no parameters' : `the parameters ${names.join(', ')}, each at most once`
  throw new GatewayError('BAD_REQUEST', `This path takes ${allowed}.`)
}

export interface WholeNumber {
  readonly name: string
  readonly from: number
  readonly to: number
  /** Where the parameter is left out. */
  readonly preset: number
}

/** @throws GatewayError BAD_REQUEST */
export function wholeNumber(value: string | undefined, { name, from, to, preset }: WholeNumber): number {
  if (value === undefined) return preset
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (number >= from && number <= to) return number
  throw new GatewayError('BAD_REQUEST', `The parameter ${name} must be a whole number from ${from} to ${to}.`)
}

/** Null where the parameter is left out. @throws GatewayError BAD_REQUEST */
export function oneOf<const W extends string>(value: string | undefined, name: string, words: readonly W[]): W | null {
  if (value === undefined) return null
  const word = words.find(candidate => candidate === value)
  if (word !== undefined) return word
  throw new GatewayError('BAD_REQUEST', `The parameter ${name} must be ${words.join(', ')}.`)
}
