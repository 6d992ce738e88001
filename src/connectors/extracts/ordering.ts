import { setImmediate } from 'node:timers/promises'
import type { Column } from '../../systems/columns.ts'
import type { Operand } from '../operand.ts'

/** The order of values and rows in extracts: the same as PostgreSQL's with COLLATE "C". Called by `table.ts`. */
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

/** Items that are handled before others get their turn on the event loop. */
export const SLICE = 2_000

/** Lets others have their turn; rejects where the work is no longer wanted. */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

/** Merge sort that pauses after every slice, so that sorting a large extract delays no request. */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: Compare<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += SLICE) {
    runs.push(items.slice(start, start + SLICE).sort(compare))
    await pause(signal)
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = []
    for (let index = 0; index < runs.length; index += 2)
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, signal))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: Compare<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const merged: T[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l] as T, right[r] as T]
    if (compare(a, b) <= 0) {
      merged.push(a)
      l += 1
    } else {
      merged.push(b)
      r += 1
    }
    if (merged.length % SLICE === 0) await pause(signal)
  }
  return merged.concat(left.slice(l), right.slice(r))
}
