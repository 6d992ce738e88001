import { createEmbeddedJournalStore, installEmbeddedJournal } from '../../../src/recovery/journal/embedded-store.ts'
import { openPglite } from '../../support/pglite.ts'
import { describeStore, ROLE, SCHEMA } from './store-contract.ts'

describeStore('in an embedded PostgreSQL whose sessions are read-only', async () => {
  const options = { schema: SCHEMA, role: ROLE }
  const pglite = await openPglite()
  await pglite.exec('SET default_transaction_read_only = on')
  await installEmbeddedJournal(pglite, options)
  await installEmbeddedJournal(pglite, options)
  const run = (sql: string) =>
    pglite.transaction(async transaction => {
      await transaction.exec('SET TRANSACTION READ WRITE')
      await transaction.exec(sql)
    })
  return {
    open: () => createEmbeddedJournalStore(pglite, options),
    asRole: sql => run(`SET LOCAL ROLE "${ROLE}"; ${sql}`),
    asOwner: run,
    dispose: () => pglite.close(),
  }
})
