import type { AnyRelation } from '../../systems/connector.ts'
import type { Inspection } from '../mapped-connector.ts'
import type { Operand } from '../operand.ts'
import { namedColumn } from '../query.ts'
import { type ColumnProblem, columnProblem } from './column-types.ts'
import { type PostgresMapping, type Source, sourceOf } from './mapping.ts'
import { type Run, refusal } from './run.ts'
import type { SqlColumn, SqlRows } from './sql-client.ts'
import { lookupStatement, relationSource } from './statements.ts'

/**
 * Looks at what a mapping says of a relation before a row is read: that its SELECT is one whole query, that its columns are
 * there with the right types, and that the server can plan a lookup in it. Called by `connector.ts`. It reads no row.
 */
export async function inspectRelation(
  run: Run,
  mapping: PostgresMapping,
  relation: AnyRelation,
  signal: AbortSignal,
): Promise<Inspection> {
  const source = sourceOf(mapping, relation)
  if (source === null) return { relation: relation.name, source: '', lookupsOnly: false, problems: [UNMAPPED] }
  const look: Look = { relation, source, ask: (text, params = []) => run({ text, params }, signal) }
  return { relation: relation.name, source: source.summary, lookupsOnly: false, problems: await problemsOf(look) }
}

const UNMAPPED = 'is not mapped: it has no SELECT in relations, and there is no schema to look in'

/** The top of such a plan is the node `Limit`, which stands for OFFSET and FETCH FIRST as well. */
const LIMITED =
  'its SELECT ends in LIMIT, OFFSET or FETCH, which leaves rows out; take it away, pages are cut around it'

interface Look {
  readonly relation: AnyRelation
  readonly source: Source
  ask(text: string, params?: readonly unknown[]): Promise<SqlRows>
}

async function problemsOf(look: Look): Promise<readonly string[]> {
  const { source, relation, ask } = look
  // By itself first: text that is whole only in its parentheses could end them and go on with something else.
  if (source.select !== null) {
    const plan: unknown[] = []
    const planned = ask(`EXPLAIN ${source.select}`).then(({ rows }) => plan.push(...Object.values(rows[0] ?? {})))
    const refused = await refusal(planned)
    if (refused !== null) return [`its SELECT is refused: ${refused.message}`]
    if (/^Limit\b/.test(String(plan[0]))) return [LIMITED]
  }
  const columns: SqlColumn[] = []
  const described = ask(`SELECT t.*\nFROM ${source.from} t\nLIMIT 0`).then(rows => columns.push(...rows.columns))
  const refused = await refusal(described)
  if (refused !== null) return [`cannot be read: ${refused.message}`]
  const problems = Object.entries(relation.columns)
    .map(([property, column]) => columnProblem(property, column, columns))
    .filter(problem => problem !== null)
  return problems.length > 0 ? worded(problems, ask) : unplannable(look)
}

/** Whether the server can plan a read, with the keys laid around the SELECT. */
async function unplannable({ relation, source, ask }: Look): Promise<readonly string[]> {
  const columns = relation.key.map(name => namedColumn(relation, name))
  const keys = [columns.map(({ column }) => SAMPLES[column.kind] ?? '')]
  const { text, params } = lookupStatement(relationSource(source, relation), { columns, keys, visible: 'all' })
  const refused = await refusal(ask(`EXPLAIN ${text}`, params))
  return refused === null ? [] : [`cannot be looked up by its key: ${refused.message}`]
}

const SAMPLES: Readonly<Record<string, Operand>> = {
  integer: 0,
  decimal: '0',
  date: '2000-01-01',
  timestamp: '2000-01-01T00:00:00.000Z',
  boolean: false,
}

/** The types that were found have names of the server's own, which are asked for only where they are needed. */
async function worded(problems: readonly ColumnProblem[], ask: Look['ask']): Promise<readonly string[]> {
  const found = problems.map(problem => problem.found).filter(column => column !== null)
  const { rows } = await ask(TYPE_NAMES_SQL, [
    found.map(({ typeId }) => typeId),
    found.map(({ typeModifier }) => typeModifier),
  ])
  const types = new Map(found.map((column, index) => [column, String(rows[index]?.type)]))
  return problems.map(problem =>
    problem.found === null ? problem.text : `${problem.text}, found ${types.get(problem.found)}; ${problem.remedy}`,
  )
}

const TYPE_NAMES_SQL = `
  SELECT pg_catalog.format_type(found.id, found.modifier) AS type
  FROM unnest($1::oid[], $2::integer[]) WITH ORDINALITY AS found(id, modifier, place)
  ORDER BY found.place`
