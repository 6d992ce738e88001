import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { QUESTIONS, rootFieldOf } from './questions.ts'

/**
 * A partner cannot tell where a system's relations come from: a gateway over a real PostgreSQL server, as a user that
 * may only read, answers byte for byte what a gateway over extracts answers.
 */
const binaries = postgresBinaries()

if (binaries === null) test.skip('a gateway over a real PostgreSQL server: apt-get install postgresql', () => {})
else {
  let server: PostgresServer
  let gateways: readonly DeclaredGateway[] = []
  beforeAll(async () => {
    server = await startPostgres(binaries)
    await fillServerDatabase({
      connectionString: server.connectionString,
      dataset: createDataset(TEST_DATASET),
      systems: SYSTEM_KEYS,
      replace: false,
      reader: 'reader',
    })
    const { port } = new URL(server.connectionString)
    const connectorOf = (key: string) => ({
      deadlineMs: 5_000,
      connector: {
        kind: 'postgres',
        connectionString: `postgres://reader@127.0.0.1:${port}/postgres`,
        schema: key.toLowerCase(),
        connectTimeoutMs: 5_000,
      },
    })
    const systems = Object.fromEntries(SYSTEM_KEYS.map(key => [key, connectorOf(key)]))
    gateways = [await startGateway(), await startGateway({ settings: { systems } })]
    for (const { recovery } of gateways) {
      const { state } = recovery.current()
      const { PRODUCTION_SCHEDULE } = state.systems
      recovery.declare({
        ...state,
        systems: { ...state.systems, PRODUCTION_SCHEDULE: { ...PRODUCTION_SCHEDULE, lifecycle: 'OPEN' } },
      })
    }
  })
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close()
    await server.stop()
  })

  const named = QUESTIONS.map(([client, query]) => [client, rootFieldOf(query), query] as const)
  test.each(named)('answers %s the same about %s over PostgreSQL as over extracts', async (client, _field, query) => {
    const [extracts, postgres] = await Promise.all(gateways.map(gateway => gateway.ask(client, { query })))
    expect(extracts?.body.errors).toBeUndefined()
    expect(Object.values(extracts?.body.data)).not.toContain(null)
    expect(postgres?.text).toBe(extracts?.text)
  })
}
