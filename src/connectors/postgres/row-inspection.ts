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

export interface RowFindings {
  readonly problems: readonly string[]
  /** What was not looked through, and why. */
  readonly notes: readonly string[]
}

/** Of each relation that has a SELECT, by its name. */
export async function inspectRows(
  run: Run,
  mapping: PostgresMapping,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RowFindings>> {
  const budget = AbortSignal.timeout(BUDGET_MS)
  const found = new Map<string, RowFindings>()
  for (const relation of relations) {
    const source = sourceOf(mapping, relation)
    if (source === null || source.select === null) continue
    found.set(relation.name, await rowFindings(run, relation, source, { signal, budget }))
  }
  return found
}

interface Patience {
  readonly signal: AbortSignal
  readonly budget: AbortSignal
}

async function rowFindings(
  run: Run,
  relation: AnyRelation,
  { from }: Source,
  { signal, budget }: Patience,
): Promise<RowFindings> {
  const problems: string[] = []
  const notes: string[] = []
  const either = AbortSignal.any([signal, budget])
  const look = async (
    what: string,
    text: string,
    toProblems: (row: Readonly<Record<string, unknown>>) => readonly string[],
  ) => {
    const unseen = (limit: string) =>
      notes.push(`its rows were not looked through for ${what}: it took longer than ${limit}`)
    try {
      const answer = run({ text, params: [] }, either).then(({ rows }) => problems.push(...rows.flatMap(toProblems)))
      const refused = await refusal(answer)
      if (refused?.sqlState === QUERY_CANCELED) unseen("the system's deadlineMs")
      else if (refused !== null) problems.push(`cannot be read: ${refused.message}`)
    } catch (thrown) {
      if (signal.aborted || !budget.aborted) throw thrown
      unseen(`${BUDGET_MS / 1_000} s`)
    }
  }

  const column = (name: string) => sqlColumn(namedColumn(relation, name))
  const required = Object.entries(relation.columns).flatMap(([name, { optional }]) => (optional ? [] : [name]))
  const nulls = required.map(name => `bool_or(${column(name)} IS NULL) AS ${identifier(name)}`)
  await look('nulls', `SELECT ${nulls.join(', ')}\nFROM ${from} t`, row =>
    required
      .filter(name => row[name] === true)
      .map(name => `column ${columnName(name)}: is null in some rows; leave those out or give the value`),
  )

  const key = relation.key.map(column).join(', ')
  const keyNames = relation.key.map(columnName).join(', ')
  const repeated = `SELECT 1 AS one\nFROM ${from} t\nGROUP BY ${key}\nHAVING count(*) > 1\nLIMIT 1`
  await look('repeated keys', repeated, () => [
    `key ${keyNames}: several rows have the same; give one row for each, a join may repeat them`,
  ])
  return { problems, notes }
}
