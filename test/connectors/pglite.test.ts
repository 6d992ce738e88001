import type { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll } from '@jest/globals'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { createPgliteClient } from '../../src/connectors/postgres/pglite-client.ts'
import { openPglite } from '../support/pglite.ts'
import { describeConnector } from './contract.ts'
import { describePostgres } from './postgres-contract.ts'
import { advanceForeignSql, foreignMapping, writeForeignSample } from './postgres-foreign.ts'
import { describeMapping } from './postgres-mapping.ts'
import { describePlans } from './postgres-plans.ts'
import { advanceSql, tablesOf, type Write, writeSample } from './postgres-sample.ts'

/** One database for all of them, as they come; each has a schema of its own. */
let pglite: PGlite
beforeAll(async () => {
  pglite = await openPglite()
})
afterAll(() => pglite?.close())

const write: Write = (sql, params) =>
  pglite.transaction(async transaction => {
    await transaction.exec('SET TRANSACTION READ WRITE')
    await transaction.query(sql, params)
  })
const dispose = async () => {}

describeConnector('the PostgreSQL connector over tables in PGlite', async clock => {
  await writeSample(write, { schema: 'tables' })
  return {
    connector: createPostgresConnector({
      client: await createPgliteClient(pglite),
      mapping: tablesOf('tables'),
      clock,
    }),
    advance: async asOf => void (await write(advanceSql('tables'), [asOf])),
    dispose,
  }
})

describeConnector('the PostgreSQL connector over SELECTs in PGlite', async clock => {
  await writeForeignSample(write, 'erp')
  return {
    connector: createPostgresConnector({
      client: await createPgliteClient(pglite),
      mapping: foreignMapping('erp'),
      clock,
    }),
    advance: async asOf => void (await write(advanceForeignSql('erp'), [asOf])),
    dispose,
  }
})

describeMapping('PGlite', async () => ({ client: await createPgliteClient(pglite), write }))

describePlans('PGlite', async () => ({ client: await createPgliteClient(pglite), write }))

describePostgres('PGlite', async () => {
  await writeSample(write)
  const client = await createPgliteClient(pglite)
  const writable = async () => {
    await pglite.exec('SET default_transaction_read_only = off')
    return client
  }
  return { client, write, writable }
})
