import { GraphQLError } from 'graphql'

/**
 * What is wrong with a variable's value, in few words. The library's own message repeats the whole value, which may be
 * long and no business of a log; this names the variable and the place in it, and repeats at most 40 characters.
 */
export function variableProblem(problem: GraphQLError): GraphQLError {
  const reason = problem.originalError?.message
  // Without a reason it is about the variable as a whole, and repeats nothing.
  if (reason === undefined) return problem
  const [, name = '', value = '', place = ''] = INVALID_VALUE.exec(problem.message.slice(0, -reason.length)) ?? []
  const words = value === '' ? reason : reason.replaceAll(value, shortened)
  return new GraphQLError(`Variable "$${name}${place}": ${words.replace(UNKNOWN_NAME, shortened)}`, {
    nodes: problem.nodes ?? null,
  })
}

const MAX_ECHO_LENGTH = 40

/** `Variable "$name" got invalid value <value> at "name.place"; `, the place only where it is not the whole value. */
const INVALID_VALUE = /^Variable "\$(\w+)" got invalid value (.*?)(?: at "\w+((?:\.\w+|\[\d+\])+)")?; $/s
/** The name that is none, in what the library says of values of enums and fields of input objects. */
const UNKNOWN_NAME = /(?<=^(?:Value|Field) )".*"(?= (?:does not exist in|is not defined by) )/s

function shortened(text: string): string {
  const [quote, inner] = text.startsWith('"') ? ['"', text.slice(1, -1)] : ['', text]
  return inner.length > MAX_ECHO_LENGTH ? `${quote}${inner.slice(0, MAX_ECHO_LENGTH)}…${quote}` : text
}
