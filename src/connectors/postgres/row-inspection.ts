import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import { namedColumn } from '../query.ts'
import { identifier, type PostgresMapping, type Source, sourceOf } from './mapping.ts'
import { type Run, refusal } from './run.ts'
import { sqlColumn } from './statements.ts'

/**
 * Looks through the rows of a SELECT for what no declaration forbids it to give: several rows of one key, and nulls where
 * the relation has none. Called by `connector.ts` for whoever checks a configuration, never at a start: it reads all rows.
 */

/** The most that one inspection spends on rows, in milliseconds; what it did not get to, the reads refuse as they meet it. */
const BUDGET_MS = 5_000
const QUERY_CANCELED = '57014'

/** The problems of each relation that has a SELECT and was looked through, by its name. */
export async function inspectRows(
  run: Run,
  mapping: PostgresMapping,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const budget = AbortSignal.timeout(BUDGET_MS)
  const either = AbortSignal.any([signal, budget])
  const problems = new Map<string, readonly string[]>()
  for (const relation of relations) {
    const source = sourceOf(mapping, relation)
    if (source === null || source.select === null) continue
    try {
      problems.set(relation.name, await rowProblems(run, relation, source, either))
    } catch (thrown) {
      if (signal.aborted || !budget.aborted) throw thrown
      break
    }
  }
  return problems
}

async function rowProblems(
  run: Run,
  relation: AnyRelation,
  { from }: Source,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = []
  const look = async (text: string, found: (row: Readonly<Record<string, unknown>>) => readonly string[]) => {
    const answer = run({ text, params: [] }, signal).then(({ rows }) => problems.push(...rows.flatMap(found)))
    const refused = await refusal(answer)
    if (refused !== null && refused.sqlState !== QUERY_CANCELED) problems.push(`cannot be read: ${refused.message}`)
  }

  const column = (name: string) => sqlColumn(namedColumn(relation, name))
  const required = Object.entries(relation.columns).flatMap(([name, { optional }]) => (optional ? [] : [name]))
  const nulls = required.map(name => `bool_or(${column(name)} IS NULL) AS ${identifier(name)}`)
  await look(`SELECT ${nulls.join(', ')}\nFROM ${from} t`, row =>
    required
      .filter(name => row[name] === true)
      .map(name => `column ${columnName(name)}: is null in some rows; leave those out or give the value`),
  )

  const key = relation.key.map(column).join(', ')
  await look(`SELECT 1 AS one\nFROM ${from} t\nGROUP BY ${key}\nHAVING count(*) > 1\nLIMIT 1`, () => [
    `key ${relation.key.map(columnName).join(', ')}: several rows have the same; give one row for each, a join may repeat them`,
  ])
  return problems
}
