import { OID } from './column-types.ts'
import type { Source } from './mapping.ts'
import { type Run, refusal } from './run.ts'
import { freshnessStatement } from './statements.ts'

/** Asks for the time that the data is as of, and says what is wrong where there is none. Called by `connector.ts`. */

/** RFC 3339 in UTC. Nothing stands in for a time that is not known: what partners are told of it must be true. */
export async function timeOfData(run: Run, source: Source, signal: AbortSignal): Promise<string> {
  const problem = (text: string) => new Error(`freshness, ${source.summary}: ${text}`)
  const { rows, columns } = await run(freshnessStatement(source), signal)
  const [column, second] = columns
  if (column?.typeId === OID.timestamp)
    throw problem("it is a timestamp without time zone; say which zone it is in: AT TIME ZONE 'Europe/London'")
  if (column?.typeId !== OID.timestamptz || second) throw problem('it must give one column, of type timestamptz')
  const [row] = rows
  if (row === undefined || rows.length > 1) throw problem(`it must have one row and has ${row ? 'several' : 'none'}`)
  const time = row[column.name]
  if (time === null) throw problem('it is null, so the time of the data is not known; give that of the last load')
  if (typeof time !== 'string' || !time.endsWith('Z')) throw problem('it must be an instant of the years 1 to 9999')
  return time
}

/** Throws unless the site's SELECT is one whole query by itself. */
export async function proveFreshness(run: Run, { select, summary }: Source, signal: AbortSignal): Promise<void> {
  if (select === null) return
  const refused = await refusal(run({ text: `EXPLAIN ${select}`, params: [] }, signal))
  if (refused !== null) throw new Error(`freshness, ${summary}: its SELECT is refused: ${refused.message}`)
}
