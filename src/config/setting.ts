import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/**
 * The kinds of setting that the configuration has. Called by the schema only. Each says what it is, its unit and its
 * default where an editor shows it, and what is allowed where an error does.
 */

interface Setting<T> {
  /** What it is, in a sentence without its full stop. */
  readonly is: string
  /** Used where the file leaves the setting out. */
  readonly preset?: T
}

interface NumberSetting extends Setting<number> {
  readonly unit?: string
  readonly from: number
  readonly to: number
}

/** A whole number in a range. Text of digits counts as the number, because the environment holds only text. */
export function whole(setting: NumberSetting): z.ZodType<number> {
  const { from, to, unit } = setting
  const error = `must be a whole number from ${from} to ${to}${unit === undefined ? '' : ` (${unit})`}`
  const read = (value: unknown) =>
    typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value
  const schema = z.preprocess(read, z.int({ error }).min(from, { error }).max(to, { error }))
  return presetOf(schema, setting, unit)
}

/** Text of 1 to 400 characters on one line. */
export function line(setting: Setting<string>): z.ZodType<string> {
  return matching(setting, /^[^\p{Cc}]{1,400}$/u, 'must be text of 1 to 400 characters on one line')
}

/** Text that matches a pattern; `error` says in words what it must be. */
export function matching(setting: Setting<string>, pattern: RegExp, error: string): z.ZodType<string> {
  return presetOf(z.string({ error }).regex(pattern, { error }), setting)
}

/** One of a closed list of words. */
export function word<const W extends readonly [string, ...string[]]>(
  words: W,
  setting: Setting<W[number]>,
): z.ZodType<W[number]> {
  // zod names an enum's values by a mapping, which the compiler does not resolve for a generic list.
  return presetOf(z.enum(words) as unknown as z.ZodType<W[number]>, setting)
}

/** On or off. Text of the same letters counts, because the environment holds only text. */
export function flag(setting: Setting<boolean>): z.ZodType<boolean> {
  const read = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value)
  return presetOf(z.preprocess(read, z.boolean({ error: 'must be true or false' })), setting)
}

/** A file or directory, relative to the directory of the configuration file; absolute inside. */
export function path(directory: string, { is }: Setting<string>): z.ZodType<string> {
  const error = 'must be a path, relative to the directory of this file'
  return matching({ is: `${is}; a path relative to this file` }, /^(?!\s)[^\p{Cc}]{1,400}(?<!\s)$/u, error).transform(
    value => resolve(directory, value),
  )
}

/** URL of a PostgreSQL database. */
export function databaseUrl(setting: Setting<string>): z.ZodType<string> {
  return matching(setting, /^postgres(ql)?:\/\/[^\s/]+\/\S+$/, 'must be postgres://user:password@host:port/database')
}

/** Name of a schema in a database: of at most 63 characters there, of fewer where other names are made from it. */
export function databaseSchema(setting: Setting<string>, longest = 63): z.ZodType<string> {
  const error = `must be a name in lower case letters, digits and underscores, at most ${longest} characters`
  return matching(setting, new RegExp(`^[a-z_][a-z0-9_]{0,${longest - 1}}$`), error)
}

/** An `https` URL without user, password or fragment; plain `http` only to this machine itself. */
export function url(setting: Setting<string>): z.ZodType<string> {
  const error = 'must be an https URL without user, password and fragment (http only to a loopback address)'
  return presetOf(z.string({ error }).refine(isTrustworthyUrl, { error }), setting)
}

/** A group of settings that may be left out whole, each of them having a default. */
export function group<S extends z.core.$ZodShape>(is: string, settings: S) {
  // That each has a default the generic shape does not say.
  return z
    .strictObject(settings)
    .prefault({} as never)
    .meta({ description: `${is}.` })
}

/** How long a connection to a database may take to come about. */
export function connectTimeoutMs(): z.ZodType<number> {
  return whole({ is: 'Longest wait for a connection', unit: 'milliseconds', from: 10, to: 30_000, preset: 500 })
}

function isTrustworthyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (`${username}${password}${hash}` !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** Of a URL, whose host stands in brackets where it is an IPv6 address. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
}

function presetOf<T>(schema: z.ZodType<T>, { is, preset }: Setting<T>, unit?: string): z.ZodType<T> {
  const facts = [
    is,
    ...(unit === undefined ? [] : [`Unit: ${unit}`]),
    ...(preset === undefined ? [] : [`Default: ${preset}`]),
  ]
  const description = facts.map(fact => `${fact}.`).join(' ')
  // What the schema takes in is `unknown` to its type; the default is one of the values that it gives out.
  return preset === undefined ? schema.meta({ description }) : schema.prefault(preset as never).meta({ description })
}
