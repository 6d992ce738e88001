/**
 * Conditions on their way into `$filter`: built with what is true and false already taken out, then written with every
 * parenthesis that precedence could need. Called by the filters and keysets.
 */
export type Expression =
  | boolean
  | string
  | { readonly all: readonly Expression[] }
  | { readonly any: readonly Expression[] }

export function all(parts: readonly Expression[]): Expression {
  if (parts.includes(false)) return false
  const open = parts.filter(part => part !== true)
  return open.length === 0 ? true : open.length === 1 ? (open[0] ?? true) : { all: open }
}

export function any(parts: readonly Expression[]): Expression {
  if (parts.includes(true)) return true
  const open = parts.filter(part => part !== false)
  return open.length === 0 ? false : open.length === 1 ? (open[0] ?? false) : { any: open }
}

/** The conditions of which one has to hold, none of them such a choice itself; none: it never holds. */
export function alternativesOf(expression: Expression): readonly Expression[] {
  if (expression === false) return []
  return typeof expression === 'object' && 'any' in expression ? expression.any.flatMap(alternativesOf) : [expression]
}

/** The text of a `$filter`; neither true nor false can be written. */
export function expressionText(expression: Exclude<Expression, boolean>): string {
  if (typeof expression === 'string') return expression
  const [parts, word] = 'all' in expression ? [expression.all, 'and'] : [expression.any, 'or']
  return parts.map(part => inner(part)).join(` ${word} `)
}

function inner(part: Expression): string {
  if (typeof part === 'boolean') throw new TypeError('a condition that always holds, or never, is not written')
  return typeof part === 'string' ? part : `(${expressionText(part)})`
}
