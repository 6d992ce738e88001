import { afterAll, beforeAll, test } from '@jest/globals'
import pg from 'pg'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { createPoolClient } from '../../src/connectors/postgres/pool-client.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { describeConnector } from './contract.ts'
import { describePostgres } from './postgres-contract.ts'
import { advanceForeignSql, foreignMapping, writeForeignSample } from './postgres-foreign.ts'
import { describeMapping } from './postgres-mapping.ts'
import { describePlans } from './postgres-plans.ts'
import { advanceSql, tablesOf, type Write, writeSample } from './postgres-sample.ts'

const binaries = postgresBinaries()

if (binaries === null)
  test.skip('a real PostgreSQL server is tested where there is one: apt-get install postgresql', () => {})
else {
  /** One server for all of them, as they come; each has a schema and a pool of its own. */
  let server: PostgresServer
  let writer: pg.Pool
  const clients: SqlClient[] = []
  beforeAll(async () => {
    server = await startPostgres(binaries)
    writer = new pg.Pool({ connectionString: server.connectionString, max: 2 })
    // A pool has ended before its connections have: the server's shutdown may still reach one of them.
    writer.on('error', () => {})
  })
  afterAll(async () => {
    await Promise.all([writer?.end(), ...clients.map(client => client.close())])
    await server?.stop()
  })

  const write: Write = (sql, params) => writer.query(sql, params)
  const open = () => {
    const client = createPoolClient({ connectionString: server.connectionString, max: 4, connectionTimeoutMs: 5_000 })
    clients.push(client)
    return client
  }
  const dispose = async () => {}

  describeConnector('the PostgreSQL connector over tables of a server whose text sorts by language', async clock => {
    await writeSample(write, { schema: 'tables', ownCollation: true })
    return {
      connector: createPostgresConnector({ client: open(), mapping: tablesOf('tables'), clock }),
      advance: async asOf => void (await write(advanceSql('tables'), [asOf])),
      dispose,
    }
  })

  describeConnector('the PostgreSQL connector over SELECTs of a server whose text sorts by language', async clock => {
    await writeForeignSample(write, 'erp', { ownCollation: true })
    return {
      connector: createPostgresConnector({ client: open(), mapping: foreignMapping('erp'), clock }),
      advance: async asOf => void (await write(advanceForeignSql('erp'), [asOf])),
      dispose,
    }
  })

  describeMapping('a server', async () => ({ client: open(), write }))

  describePlans('a server', async () => ({ client: open(), write }))

  describePostgres('a server', async () => {
    await writeSample(write, { ownCollation: true })
    const client = open()
    const writable = async (): Promise<SqlClient> => ({
      ...client,
      async query(text, params) {
        const { rows, fields } = await writer.query(text, [...params])
        const columns = fields.map(field => ({
          name: field.name,
          typeId: field.dataTypeID,
          typeModifier: field.dataTypeModifier,
        }))
        return { rows, columns }
      },
    })
    return { client, write, writable }
  })
}
