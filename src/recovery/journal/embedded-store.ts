import type { PGlite, Transaction } from '@electric-sql/pglite'
import { type Database, type Query, refusalOf } from './database.ts'
import { assertIdentifier, JOURNAL_DDL } from './schema.ts'
import type { JournalStore } from './store.ts'
import { createTableStore } from './table-store.ts'

/**
 * The journal in the embedded PostgreSQL. That has one session, which others keep read-only by default: each transaction
 * here says that it writes, and as whom. Closing the store leaves the instance open, for the others that use it.
 */
export interface EmbeddedJournalOptions {
  /** Schema of the journal. */
  readonly schema: string
  /** Role that reads and inserts; not the owner of the instance. */
  readonly role: string
}

/** Where the embedded default keeps its journal. */
export const EMBEDDED_JOURNAL: EmbeddedJournalOptions = { schema: 'recovery_journal', role: 'recovery_journal_writer' }

/** Makes the table of the journal and its role, where they are not there yet. */
export async function installEmbeddedJournal(pglite: PGlite, { schema, role }: EmbeddedJournalOptions): Promise<void> {
  await pglite.transaction(async transaction => {
    await transaction.exec('SET TRANSACTION READ WRITE')
    await transaction.exec(JOURNAL_DDL(schema, role))
  })
}

/** In an instance that `installEmbeddedJournal` has prepared. */
export function createEmbeddedJournalStore(pglite: PGlite, { schema, role }: EmbeddedJournalOptions): JournalStore {
  return createTableStore(createEmbeddedDatabase(pglite, role), schema)
}

/** The sessions alone, for whatever else stands beside the journal. */
export function createEmbeddedDatabase(pglite: PGlite, role: string): Database {
  assertIdentifier(role, 'the role of the journal')
  const endings = new Set<() => Promise<void>>()

  async function transact<T>(work: (query: Query, transaction: Transaction) => Promise<T>): Promise<T> {
    return pglite.transaction(async transaction => {
      await transaction.exec(`SET TRANSACTION READ WRITE; SET LOCAL ROLE "${role}"`)
      const query: Query = async (text, params = []) => {
        try {
          return (await transaction.query<Record<string, unknown>>(text, [...params])).rows
        } catch (thrown) {
          throw refusalOf(thrown)
        }
      }
      return work(query, transaction)
    })
  }

  const query: Query = (text, params) => transact(run => run(text, params))

  return {
    query,
    // One session serves all.
    browse: query,
    rehearse: work =>
      transact(async (run, transaction) => {
        await work(run)
        await transaction.rollback()
      }),
    async listen(channel, onNotification) {
      const stop = await pglite.listen(channel, onNotification)
      const end = async () => {
        if (endings.delete(end)) await stop()
      }
      endings.add(end)
      return end
    },
    async close() {
      await Promise.all([...endings].map(end => end()))
    },
  }
}
