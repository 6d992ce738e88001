import { PGlite } from '@electric-sql/pglite'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { createPgliteClient } from '../../src/connectors/postgres/pglite-client.ts'
import { describeConnector } from './contract.ts'
import { describePostgres } from './postgres-contract.ts'
import { ADVANCE_SQL, SCHEMA, type Write, writeSample } from './postgres-sample.ts'

async function openSample() {
  const pglite = await PGlite.create()
  await writeSample((sql, params) => pglite.query(sql, params))
  const client = await createPgliteClient(pglite)
  const write: Write = (sql, params) =>
    pglite.transaction(async transaction => {
      await transaction.exec('SET TRANSACTION READ WRITE')
      await transaction.query(sql, params)
    })
  return { pglite, client, write }
}

describeConnector('the PostgreSQL connector over PGlite', async clock => {
  const { pglite, client, write } = await openSample()
  return {
    connector: createPostgresConnector({ client, schema: SCHEMA, clock }),
    advance: async asOf => void (await write(ADVANCE_SQL, [asOf])),
    dispose: () => pglite.close(),
  }
})

describePostgres('PGlite', async () => {
  const { pglite, client, write } = await openSample()
  const dispose = () => pglite.close()
  return {
    client,
    write,
    makeWritable: async () => void (await pglite.exec('SET default_transaction_read_only = off')),
    dispose,
  }
})
