import { GraphQLError } from 'graphql'
import { GatewayError } from '../model/errors.ts'

/**
 * What is wrong with a document or its variables, for who may not read the schema: in the words of the document alone.
 * The library's messages name types, arguments and values that it has not told of itself, and repeat what variables hold.
 */
export function reticent(thrown: unknown, document: string): unknown {
  if (!(thrown instanceof GatewayError) || !(thrown.cause instanceof AggregateError)) return thrown
  const problems: readonly unknown[] = thrown.cause.errors
  const told = problems.filter(problem => problem instanceof GraphQLError)
  if (told.length < problems.length) return thrown
  // Names stand in a document as they are: what is quoted there is a value, which nobody has to be told.
  const known = new Set(document.replace(TEXTS, ' ').match(WORD))
  return new GatewayError(thrown.code, withoutOthers(thrown.message, known), {
    details: thrown.details,
    cause: new AggregateError(
      told.map(({ message, nodes }) => new GraphQLError(withoutOthers(message, known), { nodes: nodes ?? null })),
    ),
  })
}

const WORD = /\w+/g
/** Names and values stand in quotation marks; a scalar begins with its own name what it says of its form. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g
const TEXTS = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"/g
const SCALAR = /(?<=^|: )\w+(?= must be a string)/

function withoutOthers(message: string, known: ReadonlySet<string>): string {
  const isKnown = (text: string) => (text.match(WORD) ?? []).every(word => known.has(word))
  return message.replace(QUOTED, quoted => (isKnown(quoted) ? quoted : '"…"')).replace(SCALAR, 'The value')
}
