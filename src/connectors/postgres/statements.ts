import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import {
  type CheckedLookup,
  type CheckedPage,
  type Comparison,
  type NamedColumn,
  namedColumn,
  type Visibility,
} from '../query.ts'
import { identifier, type Source } from './mapping.ts'

/**
 * The SQL of every read, laid around where a relation's rows come from. Names come from relation definitions only and are
 * quoted; values travel as typed parameters and never in the text. Written so that an index on the columns of a lookup or
 * of the order, text in COLLATE "C", answers it. Called by `connector.ts`; nothing here runs a statement.
 */
export interface Statement {
  readonly text: string
  readonly params: readonly unknown[]
  /** Whether its text comes again and again: there are few of its kind, whatever partners ask. */
  readonly isRecurring?: boolean
}

/** Where the rows of a relation come from, and how its columns are named there: made once, for all statements. */
export interface RelationSource {
  readonly from: string
  readonly selection: string
}

export function relationSource({ from }: Source, relation: AnyRelation): RelationSource {
  return { from, selection: selection(relation) }
}

type Param = (value: unknown, type: string) => string

export function lookupStatement(
  { from, selection }: RelationSource,
  { columns, keys, visible }: CheckedLookup,
): Statement {
  const made = statement(param => {
    const lists = columns.map(({ column }, index) => {
      const values = keys.map(key => key[index])
      return param(values, `${parameterType(column)}[]`)
    })
    const [first] = columns
    const names = columns.map((_, index) => `k${index}`)
    const matches =
      first && columns.length === 1
        ? { join: '', where: [`${sqlColumn(first)} = ANY(${lists[0]})`] }
        : {
            join: `\nJOIN unnest(${lists.join(', ')}) AS k(${names.join(', ')}) ON ${columns
              .map((column, index) => `${sqlColumn(column)} = k.k${index}`)
              .join(' AND ')}`,
            where: [],
          }
    const where = [...matches.where, ...visibilitySql(visible, param)]
    return `SELECT ${selection}\nFROM ${from} t${matches.join}${whereSql(where)}`
  })
  return { ...made, isRecurring: true }
}

/** Asks for one row more than the page has, which tells whether there is a next page. */
export function pageStatement(
  { from, selection }: RelationSource,
  relation: AnyRelation,
  { visible, where, after, first }: CheckedPage,
): Statement {
  return statement(param => {
    const ordered = relation.order.columns.map(name => namedColumn(relation, name))
    const [direction, beyond] = relation.order.direction === 'ascending' ? ['ASC', '>'] : ['DESC', '<']
    const keyset = after?.map((operand, index) => {
      const { column } = ordered[index] ?? namedColumn(relation, '')
      return param(operand, parameterType(column))
    })
    const all = [
      ...visibilitySql(visible, param),
      ...where.map(comparison => comparisonSql(comparison, param)),
      ...(keyset ? [`(${ordered.map(orderedColumn).join(', ')}) ${beyond} (${keyset.join(', ')})`] : []),
    ]
    const order = ordered.map(column => `${orderedColumn(column)} ${direction}`).join(', ')
    const limit = param(first + 1, 'bigint')
    return `SELECT ${selection}\nFROM ${from} t${whereSql(all)}\nORDER BY ${order}\nLIMIT ${limit}`
  })
}

/** The row count as `$rows`, and each sum under its column's name, as text; the sum of nothing is 0. */
export function totalsStatement({ from }: Source, relation: AnyRelation): Statement {
  const sums = relation.sums.map(
    name => `, coalesce(sum(${sqlColumn(namedColumn(relation, name))}), 0)::text AS ${identifier(name)}`,
  )
  return { text: `SELECT count(*)::text AS "$rows"${sums.join('')}\nFROM ${from} t`, params: [] }
}

/** Two rows, so that a second one shows. */
export function freshnessStatement({ from, select }: Source): Statement {
  return { text: `SELECT ${select === null ? 't.as_of' : 't.*'}\nFROM ${from} t\nLIMIT 2`, params: [] }
}

function statement(write: (param: Param) => string): Statement {
  const params: unknown[] = []
  const text = write((value, type) => `$${params.push(value)}::${type}`)
  return { text, params }
}

function visibilitySql(visible: Visibility | 'all', param: Param): readonly string[] {
  if (visible === 'all') return []
  const { columns, operands } = visible
  const [only] = operands
  const type = parameterType(columns[0]?.column)
  const shown = operands.length === 1 ? `= ${param(only, type)}` : `= ANY(${param(operands, `${type}[]`)})`
  return [`(${columns.map(column => `${sqlColumn(column)} ${shown}`).join(' OR ')})`]
}

const OPERATORS = { atLeast: '>=', atMost: '<=', above: '>', below: '<' } as const

function comparisonSql(comparison: Comparison, param: Param): string {
  const type = parameterType(comparison.column)
  switch (comparison.is) {
    case 'equal':
      return `${sqlColumn(comparison)} = ${param(comparison.operand, type)}`
    case 'in':
      return `${sqlColumn(comparison)} = ANY(${param(comparison.operands, `${type}[]`)})`
    case 'holding':
      return `${sqlColumn(comparison)} @> ARRAY[${param(comparison.operand, type)}]`
    case 'atLeast':
    case 'atMost':
    case 'above':
    case 'below':
      return `${orderedColumn(comparison)} ${OPERATORS[comparison.is]} ${param(comparison.operand, type)}`
    default:
      return comparison satisfies never
  }
}

/**
 * Types without a length: a cast to `char(4)` would cut a longer value down to one that matches. A `varchar` meets `char`,
 * `varchar` and `text` columns by their own comparison, and so by their index.
 */
function parameterType(column: Column | undefined): string {
  switch (column?.kind) {
    case 'integer':
      return 'integer'
    case 'decimal':
      return 'numeric'
    case 'date':
      return 'date'
    case 'timestamp':
      return 'timestamptz'
    case 'boolean':
      return 'boolean'
    case 'text':
      return 'varchar'
    default:
      return 'text'
  }
}

function selection(relation: AnyRelation): string {
  return Object.keys(relation.columns)
    .map(name => `${sqlColumn(namedColumn(relation, name))} AS ${identifier(name)}`)
    .join(', ')
}

export function sqlColumn({ name }: NamedColumn): string {
  return `t.${identifier(columnName(name))}`
}

/** Text is ordered by code point, whatever the database's own collation. */
function orderedColumn(named: NamedColumn): string {
  return named.column.kind === 'text' ? `${sqlColumn(named)} COLLATE "C"` : sqlColumn(named)
}

function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `\nWHERE ${conditions.join(' AND ')}`
}
