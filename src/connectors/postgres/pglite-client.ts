import type { PGlite } from '@electric-sql/pglite'
import { abortable } from '../abortable.ts'
import { SESSION_SQL, type SqlClient, TEXT_PARSERS, withoutValues } from './sql-client.ts'

/**
 * The driver for the embedded PostgreSQL. It has one session, which this makes read-only by default: whoever writes
 * to the same instance says so (`BEGIN READ WRITE`). Closing it leaves the instance open, for the others that use it.
 */
export async function createPgliteClient(pglite: PGlite): Promise<SqlClient> {
  await pglite.exec(SESSION_SQL)
  let closed = false
  return {
    isEmbedded: true,
    async query(text, params, signal) {
      if (closed) throw new Error('the client of the embedded database is closed')
      signal.throwIfAborted()
      try {
        const answer = pglite.query<Record<string, unknown>>(text, [...params], { parsers: { ...TEXT_PARSERS } })
        const { rows, fields } = await abortable(answer, signal)
        const columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID, typeModifier: null }))
        return { rows, columns }
      } catch (thrown) {
        throw withoutValues(thrown)
      }
    },
    async close() {
      closed = true
    },
  }
}
