import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'

/**
 * Makes scalars that are text on the wire and the same text inside. Called for every scalar of the schema. What a
 * partner wrote is parsed strictly; what the gateway gives is checked for its form only and handed out unchanged.
 */
export interface TextScalar {
  readonly name: string
  /** What is accepted, with its standard: completes "NAME must be a string: …". */
  readonly accepts: string
  /** The form of the value inside. It is held against every value of every answer, so it must be cheap. */
  readonly form: RegExp
  /** The value inside for what a partner wrote, or null where it is none. Default: the same text, if it has the form. */
  readonly parse?: (text: string) => string | null
  /** Whether a whole number may be written instead of its digits. Default: false. */
  readonly acceptsIntegers?: boolean
}

const MAX_ECHO_LENGTH = 40

/** The words for what stands where a string should; a name without quotes is the commonest slip. */
const KIND_WORDS: Readonly<Partial<Record<Kind, string>>> = {
  [Kind.INT]: 'a number',
  [Kind.FLOAT]: 'a number',
  [Kind.BOOLEAN]: 'a boolean',
  [Kind.ENUM]: 'a name without quotes',
  [Kind.LIST]: 'a list',
}

/**
 * Its parsers throw `GraphQLError` with a message for the partner that names the standard and repeats at most 40
 * characters of the input. Its serialiser throws `TypeError` for a value that should not exist inside, and never shows it.
 */
export function createTextScalar(scalar: TextScalar): GraphQLScalarType<string, string> {
  const { name, accepts, form, acceptsIntegers = false } = scalar
  const parse = scalar.parse ?? (text => (form.test(text) ? text : null))
  const wanted = `${name} must be a string${acceptsIntegers ? ' or a whole number' : ''}: ${accepts}`

  const refusal = (given: string, node?: ValueNode) =>
    new GraphQLError(`${wanted}; got ${given}`, node ? { nodes: node } : {})

  function read(text: string, node?: ValueNode): string {
    const value = parse(text)
    if (value === null) throw refusal(`${echo(text)}.${hint(text, parse)}`, node)
    return value
  }

  return new GraphQLScalarType<string, string>({
    name,
    serialize(value) {
      const text = acceptsIntegers && Number.isSafeInteger(value) ? String(value) : value
      if (typeof text !== 'string' || !form.test(text)) throw new TypeError(`a value inside is no ${name}`)
      return text
    },
    parseValue(value) {
      if (typeof value === 'string') return read(value)
      if (acceptsIntegers && Number.isSafeInteger(value)) return read(String(value))
      throw refusal(`${Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`}.`)
    },
    parseLiteral(node) {
      if (node.kind === Kind.STRING || (acceptsIntegers && node.kind === Kind.INT)) return read(node.value, node)
      throw refusal(`${KIND_WORDS[node.kind] ?? 'an object'}.`, node)
    },
  })
}

/** What a scalar of the library makes of the text, or null: its own refusals repeat the input whole. */
export function parsedBy<T>(scalar: GraphQLScalarType<T>, text: string): T | null {
  try {
    return scalar.parseValue(text)
  } catch (error) {
    if (error instanceof GraphQLError) return null
    throw error
  }
}

function echo(text: string): string {
  return JSON.stringify(text.length > MAX_ECHO_LENGTH ? `${text.slice(0, MAX_ECHO_LENGTH)}…` : text)
}

function hint(text: string, parse: (text: string) => string | null): string {
  if (parse(text.toUpperCase()) !== null) return ' Write it in upper case.'
  if (parse(text.toLowerCase()) !== null) return ' Write it in lower case.'
  if (parse(text.trim()) !== null) return ' Leave out the blanks around it.'
  return ''
}
