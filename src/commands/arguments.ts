import { type ParseArgsConfig, parseArgs } from 'node:util'
import { SYSTEM_KEYS, type SystemKey, systemOfSlug, systemSlug } from '../model/system.ts'
import { instant } from '../recovery/statements/vocabulary.ts'
import { UsageError } from './command.ts'

/**
 * Arguments of the operators' commands: the options that they share, and one way to read each kind of value. Called by
 * the commands while they parse; throws `UsageError` that says what is allowed, and reads no file.
 */

export const HELP = { help: { type: 'boolean', short: 'h' } } as const
export const JSON_OUTPUT = { json: { type: 'boolean', default: false } } as const
/** Of lists whose ids are shortened. */
export const LONG = { long: { type: 'boolean', default: false } } as const
/** Of commands that talk to the gateway. */
export const ADMIN = { admin: { type: 'string' }, ...JSON_OUTPUT, ...HELP } as const

export const JSON_USAGE = '  --json                   for machines: one JSON value on standard output\n'
export const HELP_USAGE = '  --help                   this text\n'
export const ADMIN_USAGE = `  --admin URL              the admin listener; else ADMIN_URL, else ADMIN_PORT or 4001 of this machine
${JSON_USAGE}${HELP_USAGE}`

type Options = NonNullable<ParseArgsConfig['options']>

/** Options and operands; exactly the operands that are named, and `help` where it was asked for, whatever else was. */
export function readArguments<const O extends Options, const N extends string = never>(
  args: readonly string[],
  options: O,
  operandNames: readonly N[] = [],
) {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  if ('help' in values && values.help === true) return 'help'
  const missing = operandNames[positionals.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing`)
  const extra = positionals[operandNames.length]
  if (extra !== undefined) throw new UsageError(`there is no argument ${JSON.stringify(extra)}`)
  const operands = Object.fromEntries(operandNames.map((name, index) => [name, positionals[index]]))
  return { values, operands: operands as Readonly<Record<N, string>> }
}

/** A value of an option that must be given. */
export function required(option: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing`)
  return value
}

/** One word of a closed list, in any case and with hyphens or underscores: `system-owner` is SYSTEM_OWNER. */
export function choice<const V extends string>(option: string, value: string, allowed: readonly V[]): V {
  const word = canonical(value)
  const found = allowed.find(candidate => canonical(candidate) === word)
  if (found === undefined) throw new UsageError(`${option} ${value}: must be ${oneOf(allowed)}`)
  return found
}

/** `one of A, B, C`; `A` where that is all. */
const oneOf = (allowed: readonly string[]): string => `${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`

const canonical = (word: string): string => word.toUpperCase().replaceAll('-', '_')

export function systemNamed(option: string, slug: string): SystemKey {
  const system = systemOfSlug(slug.toLowerCase().replaceAll('_', '-'))
  if (system === null)
    throw new UsageError(`${option} ${slug}: must be ${oneOf(SYSTEM_KEYS.map(key => systemSlug(key)))}`)
  return system
}

/** The option that gives a claim: `gap.until` → `--gap-until`. */
export function optionFor(claim: string): string {
  return `--${claim
    .replace(/^waves.*/, 'wave')
    .replace(/^public_facets.*/, 'public-facet')
    .replace(/[_.]/g, '-')}`
}

export function wholeNumber(option: string, value: string, from: number, to: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= from && number <= to))
    throw new UsageError(`${option} ${value}: must be a whole number from ${from} to ${to}`)
  return number
}

/** A time (RFC 3339), as it was given. */
export function time(option: string, value: string): string {
  if (!instant.safeParse(value).success)
    throw new UsageError(`${option} ${value}: must be a time with its offset (RFC 3339), such as 2025-10-06T08:00:00Z`)
  return value
}
