import { z } from 'zod'
import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { type Access, accessColumns, type Row, type Value } from '../../systems/relation.ts'
import { CANARIES, type Canary, SHARED_SITE } from './canary.ts'

/**
 * The rows that the self-test's systems hold, made of the relations' own columns: one of each canary where a relation has
 * owners or sites, and one of nobody where it is open to all. What rows are found by is the same in all of them, so that
 * both ask in the same words for records of the same identity, and only who asks can tell them apart.
 */
export function canaryRows(relation: AnyRelation): readonly Row[] {
  return relation.access.kind === 'open' ? [rowOf(relation, null)] : CANARIES.map(canary => rowOf(relation, canary))
}

/** What a text is that rows are found by; null: rows are found by nothing of that name. */
export function soughtText(relations: readonly AnyRelation[], name: string): string | null {
  const relation = relations.find(({ lookups }) => lookups.flat().includes(name))
  const column = relation?.columns[name]
  return column?.kind === 'text' ? textIn(column, name, null) : null
}

/** One of each form that identifiers and codes have: a part number, a VIN, a BPNL, a BPNS, a unit or a currency. */
export const FORMS = ['CANARY-1', 'CANARY00000000001', 'BPNL00000CANARY0', SHARED_SITE, 'XXX'] as const

function rowOf(relation: AnyRelation, canary: Canary | null): Row {
  const { columns, key, lookups } = relation
  const owning = accessColumns(relation.access)
  const found = new Set([...key, ...lookups.flat()])
  const values = Object.entries(columns).map(([name, column]): [string, Value] => {
    const isSought = lookups.slice(1).some(lookup => lookup.includes(name))
    if (canary !== null && owning.includes(name)) return [name, ownerIn(relation.access, canary)]
    if (canary !== null && column.isSite && !isSought) return [name, canary.site]
    return [name, valueIn(column, name, found.has(name) ? null : canary)]
  })
  const row = relation.schema.safeParse(Object.fromEntries(values))
  if (row.success) return row.data
  const wrong = row.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new TypeError(`the self-test has no value for ${relation.name}: ${wrong}`)
}

function ownerIn({ kind }: Access, { bpnl, site }: Canary): string {
  return kind === 'owned' ? bpnl : site
}

const SHARED_DAY = '2001-01-01'

function valueIn(column: Column, name: string, canary: Canary | null): Value {
  const stamp = canary?.stamp
  switch (column.kind) {
    case 'text':
      return textIn(column, name, canary)
    case 'texts':
      return [codeIn(column, canary) ?? (stamp ? stamp.mark + name : 'CANARY-1')]
    case 'integer':
      return stamp?.number ?? 1
    case 'decimal':
      return String(stamp?.number ?? 1)
    case 'date':
      return stamp?.day ?? SHARED_DAY
    case 'timestamp':
      return `${stamp?.day ?? SHARED_DAY}T00:00:00.000Z`
    case 'boolean':
      return stamp?.isFirst ?? true
    default:
      return column.kind satisfies never
  }
}

function textIn(column: Column, name: string, canary: Canary | null): string {
  const code = codeIn(column, canary)
  if (code !== null) return code
  const length = Number(/\d+/.exec(column.sqlType)?.[0])
  const text = (canary?.stamp.mark ?? '') + name
  const fitting = column.sqlType.startsWith('char(') ? text.padEnd(length, '.') : text
  // Forms first: most of them would be a text of their length as well, and texts are no such form.
  const accepted = [...FORMS, fitting.slice(0, length)].filter(candidate => column.schema.safeParse(candidate).success)
  return (isForm(column) ? accepted[0] : accepted.at(-1)) ?? ''
}

/** Whether a column takes what is written in a certain way only. */
function isForm(column: Column): boolean {
  return !column.schema.safeParse('∆'.padEnd(Number(/\d+/.exec(column.sqlType)?.[0]), '.')).success
}

/** A code of a closed list; null: the column has none. */
function codeIn(column: Column, canary: Canary | null): string | null {
  const schema: z.core.JSONSchema.BaseSchema = z.toJSONSchema(column.schema, { io: 'input', unrepresentable: 'any' })
  const [given] = schema.anyOf ?? [schema]
  const items = given?.items
  const listed = typeof items === 'object' && !Array.isArray(items) ? items : given
  const codes = listed?.enum
  if (codes === undefined) return null
  return String((canary?.stamp.isFirst ?? true) ? codes[0] : (codes[1] ?? codes[0]))
}
