import type { PGlite } from '@electric-sql/pglite'
import type { RecoveryConfig } from '../config/load-config.ts'
import { readRestartSettings } from '../config/restart-settings.ts'
import type { Log } from '../observe/log.ts'
import { createEmbeddedDatabase, EMBEDDED_JOURNAL } from '../recovery/journal/embedded-store.ts'
import { createServerDatabase } from '../recovery/journal/postgres-store.ts'
import type { Outbox } from './outbox.ts'
import { OUTBOX_DDL } from './outbox-schema.ts'
import { createTableOutbox } from './table-outbox.ts'

/**
 * Opens the outbox in the database of the journal, over connections of its own: what is sent never keeps the journal
 * waiting. On a server its tables have to be there; in the embedded database they are made here.
 */
export interface OutboxOptions {
  readonly recovery: Pick<RecoveryConfig, 'journal'>
  /** The embedded database; null where the configuration has none. */
  readonly embedded: (() => Promise<PGlite>) | null
  readonly log: Pick<Log, 'info' | 'warn'>
}

export async function openOutbox({ recovery, embedded, log }: OutboxOptions): Promise<Outbox> {
  const { journal } = await readRestartSettings(recovery)
  if (journal.kind === 'postgres') return createTableOutbox(createServerDatabase({ ...journal, log }), journal.schema)
  if (embedded === null) throw new TypeError('the configuration has no embedded database and passed its checks')
  const { schema, role } = EMBEDDED_JOURNAL
  const pglite = await embedded()
  await pglite.transaction(async transaction => {
    await transaction.exec('SET TRANSACTION READ WRITE')
    await transaction.exec(OUTBOX_DDL(schema, role))
  })
  return createTableOutbox(createEmbeddedDatabase(pglite, role), schema)
}
