import { type GraphQLOutputType, type GraphQLType, isListType, isNonNullType } from 'graphql'

/** Markdown for the schema reference: tables, links between types, times in words. */

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
}

/** A table of these rows, without the columns that are empty in all of them. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const shown = columns.filter(({ cell }) => rows.some(row => cell(row) !== ''))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(shown.map(({ title }) => title)),
    line(shown.map(() => '---')),
    ...rows.map(row => line(shown.map(({ cell }) => cell(row)))),
  ].join('\n')
}

/** A description on one line, as a cell takes it. */
export function cellText(description: string | null | undefined): string {
  return (description ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|').trim()
}

/** A type with its wrappers, linked to where it is described; `placeOf` says where, or null for GraphQL's own. */
export function typeText(type: GraphQLType | GraphQLOutputType, placeOf: (name: string) => string | null): string {
  if (isNonNullType(type)) return `${typeText(type.ofType, placeOf)}!`
  if (isListType(type)) return `\\[${typeText(type.ofType, placeOf)}\\]`
  const name = String(type)
  const place = placeOf(name)
  return place === null ? name : `[${name}](${place})`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** `15 s`, `1 h`, `7 d`: in the largest unit that gives a whole number. */
export function secondsText(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}`
  return `${seconds} s`
}

/** As GitHub makes it of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
