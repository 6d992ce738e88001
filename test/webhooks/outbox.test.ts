import { expect, test } from '@jest/globals'
import pg from 'pg'
import { createEmbeddedDatabase, installEmbeddedJournal } from '../../src/recovery/journal/embedded-store.ts'
import { createServerDatabase } from '../../src/recovery/journal/postgres-store.ts'
import { OUTBOX_DDL } from '../../src/webhooks/outbox-schema.ts'
import { createTableOutbox } from '../../src/webhooks/table-outbox.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import { startJournalServer } from '../recovery/journal/journal-server.ts'
import { openPglite } from '../support/pglite.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { describeOutbox, ROLE, SCHEMA } from './outbox-contract.ts'

describeOutbox('in an embedded PostgreSQL', async () => {
  const pglite = await openPglite()
  await pglite.exec('SET default_transaction_read_only = on')
  await installEmbeddedJournal(pglite, { schema: SCHEMA, role: ROLE })
  const run = (sql: string) =>
    pglite.transaction(async transaction => {
      await transaction.exec('SET TRANSACTION READ WRITE')
      await transaction.exec(sql)
    })
  await run(OUTBOX_DDL(SCHEMA, ROLE))
  await run(OUTBOX_DDL(SCHEMA, ROLE))
  return {
    open: () => createTableOutbox(createEmbeddedDatabase(pglite, ROLE), SCHEMA),
    asRole: sql => run(`SET LOCAL ROLE "${ROLE}"; ${sql}`),
    dispose: () => pglite.close(),
  }
})

test('the outbox is refused on tables that are older than it, until their owner has run its SQL once more', async () => {
  const pglite = await openPglite()
  await installEmbeddedJournal(pglite, { schema: SCHEMA, role: ROLE })
  await pglite.exec(OUTBOX_DDL(SCHEMA, ROLE))
  const outbox = createTableOutbox(createEmbeddedDatabase(pglite, ROLE), SCHEMA)
  await outbox.prepare(['a'])
  for (const column of ['tried_ms', 'horizon_ms']) {
    await pglite.exec(`ALTER TABLE "${SCHEMA}".webhook_endpoint DROP COLUMN ${column}`)
    await expect(outbox.prepare(['a'])).rejects.toThrow(`column "${column}"`)
    await expect(outbox.prove()).rejects.toThrow(`column "${column}"`)
    await pglite.exec(OUTBOX_DDL(SCHEMA, ROLE))
    await outbox.prepare(['a'])
    await outbox.prove()
  }
  await pglite.exec(`REVOKE DELETE ON "${SCHEMA}".webhook_told FROM "${ROLE}"`)
  await expect(outbox.prove()).rejects.toThrow('permission denied for table webhook_told')
  expect(await outbox.standing(['a'])).toMatchObject([{ endpoint: 'a', waiting: 0 }])
  await pglite.close()
})

const binaries = postgresBinaries()
if (binaries === null) test.skip('the outbox on a real PostgreSQL server: apt-get install postgresql', () => {})
else
  describeOutbox('on a PostgreSQL server', async () => {
    const server = await startJournalServer(binaries, SCHEMA, ROLE)
    await server.superuser.query(OUTBOX_DDL(SCHEMA, ROLE))
    const role = new pg.Pool({ connectionString: server.connectionString, max: 1 })
    role.on('error', () => {})
    return {
      open: () => createTableOutbox(createServerDatabase({ ...server, log: quietLog() }), SCHEMA),
      asRole: sql => role.query(sql),
      async dispose() {
        await role.end()
        await server.stop()
      },
    }
  })
