import { Lexer, Source, TokenKind } from 'graphql'
import { GatewayError } from '../model/errors.ts'

/**
 * Refuses a document whose brackets stand deeper in each other than any that is meant: the parser calls itself for each, and
 * would run out of stack before it ran out of tokens. Called before a document is parsed; looks at tokens alone.
 */

/** Twice as deep as fields may be nested at most, by any configuration. */
const MOST_NESTED = 200
const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/**
 * Returns where the document is no GraphQL, or has too many tokens: that is for the parser to say.
 *
 * @throws GatewayError GRAPHQL_PARSE_FAILED
 */
export function assertShallow(text: string, maxTokens: number): void {
  const lexer = new Lexer(new Source(text))
  let depth = 0
  for (let tokens = 0; tokens <= maxTokens; tokens++) {
    const kind = nextKind(lexer)
    if (kind === null || kind === TokenKind.EOF) return
    if (OPENING.has(kind)) depth += 1
    else if (CLOSING.has(kind)) depth -= 1
    if (depth > MOST_NESTED)
      throw new GatewayError('GRAPHQL_PARSE_FAILED', `Syntax Error: Document nests deeper than ${MOST_NESTED} levels.`)
  }
}

/** Null: what follows is no token. */
function nextKind(lexer: Lexer): string | null {
  try {
    return lexer.advance().kind
  } catch {
    return null
  }
}
