import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { AnyRelation } from '../src/systems/connector.ts'
import type { Row } from '../src/systems/relation.ts'
import { columnList, tableName } from './ddl.ts'
import { copyLine } from './extract-files.ts'

/**
 * Copies rows of a relation into its empty table on a PostgreSQL server. Rows are made as the server takes them, so only a
 * chunk or two is held, whatever the volume. Called by `server-database.ts`, in the transaction that made the table.
 */

const CHUNK_CHARACTERS = 1 << 18

/** Returns how many rows there were; rejects with what the server refused or the connection broke off for. */
export async function copyRows(
  client: pg.Client,
  schema: string,
  relation: AnyRelation,
  source: Iterable<Row>,
  onProgress: (rows: number) => void,
): Promise<number> {
  const columns = columnList(Object.keys(relation.columns))
  // Frozen rows need no vacuum before an index alone can answer; only the transaction that made the table may ask for it.
  const into = copyFrom(`COPY ${tableName(schema, relation)} (${columns}) FROM STDIN WITH (FORMAT csv, FREEZE)`)
  let rows = 0
  function* chunks(): Generator<Buffer> {
    let chunk = ''
    for (const row of source) {
      chunk += copyLine(relation, row)
      rows++
      if (chunk.length < CHUNK_CHARACTERS) continue
      yield Buffer.from(chunk)
      chunk = ''
      onProgress(rows)
    }
    yield Buffer.from(chunk)
  }
  await pipeline(Readable.from(chunks()), client.query(into))
  return rows
}
