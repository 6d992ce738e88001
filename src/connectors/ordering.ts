import type { Column } from '../systems/columns.ts'
import type { Operand } from './operand.ts'

/** The order of values where a connector compares them itself: the same as PostgreSQL's with COLLATE "C". */
export type Compare<T> = (a: T, b: T) => number

/** Compares two values of a column. */
export function comparatorOf(column: Column): Compare<Operand> {
  switch (column.kind) {
    case 'text':
    case 'texts':
      return (a, b) => compareText(String(a), String(b))
    case 'decimal':
      return (a, b) => compareDecimals(String(a), String(b))
    case 'date':
    case 'timestamp':
    case 'integer':
    case 'boolean':
      return (a, b) => (a < b ? -1 : a > b ? 1 : 0)
    default:
      return column.kind satisfies never
  }
}

/** By code point, as UTF-8 sorts; JavaScript's own `<` is by UTF-16 unit, which puts surrogates before U+E000. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** Exactly, digit by digit: a float has 15 digits and an amount may have 18. */
function compareDecimals(a: string, b: string): number {
  const [x, y] = [digitsOf(a), digitsOf(b)]
  if (x.negative !== y.negative) return x.negative ? -1 : 1
  const magnitude = x.whole.length - y.whole.length || compareText(x.whole, y.whole) || compareText(x.part, y.part)
  return x.negative ? -magnitude : magnitude
}

function digitsOf(decimal: string): { readonly negative: boolean; readonly whole: string; readonly part: string } {
  const [whole = '', part = ''] = decimal.replace('-', '').split('.')
  const digits = { whole: whole.replace(/^0+/, ''), part: part.replace(/0+$/, '') }
  return { ...digits, negative: decimal.startsWith('-') && digits.whole + digits.part !== '' }
}
