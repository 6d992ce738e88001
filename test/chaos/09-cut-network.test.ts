import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { describeWith } from '../support/needs.ts'
import { type Network, openNetwork } from '../support/network.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/**
 * The network between the gateway and a system cut as by a pulled cable: no connection is refused or reset, and nobody is
 * told. Its readers are told in time, the others' answers stay what they were, and it is read again once the network is back.
 */
const DEADLINE_MS = sized(600, 1_500)
const LONGEST_MS = 2_000
const ROUNDS = sized(5, 20)

const PARTS = { query: '{ part(partNumber: "LR071050") { id description baseUnit } }' }
const INVOICES = { query: '{ supplierInvoices(first: 20) { edges { node { id grossAmount { amount } status } } } }' }

describeWith(['postgres', 'network'], 'a system behind a network that is cut', () => {
  let network: Network
  let server: PostgresServer
  let gateway: DeclaredGateway

  beforeAll(async () => {
    network = openNetwork()
    server = await startPostgres(postgresBinaries() ?? '', {
      access: [`host all all ${network.here}/30 trust`],
      settings: [`listen_addresses=127.0.0.1,${network.here}`],
    })
    const { connectionString } = server
    const [dataset, systems] = [createDataset(TEST_DATASET), ['PARTS_LOGISTICS'] as const]
    await fillServerDatabase({ connectionString, dataset, systems, replace: false, reader: 'reader' })
    const { host, port } = await network.relayTo(Number(new URL(connectionString).port))
    const connector = {
      kind: 'postgres',
      connectionString: `postgres://reader@${host}:${port}/postgres`,
      schema: 'parts_logistics',
      connectTimeoutMs: 400,
    }
    gateway = await startGateway({
      settings: {
        systems: systemsOf({
          PARTS_LOGISTICS: { deadlineMs: DEADLINE_MS, connector },
          WHOLESALE_FINANCE: { deadlineMs: DEADLINE_MS, connector: extractsOf('WHOLESALE_FINANCE') },
        }),
      },
      execution: { compiled: true, cached: false },
    })
  })
  afterAll(async () => {
    await gateway?.close()
    await network?.close()
    await server?.stop()
  })

  const parts = () => gateway.ask('sample-retailer', PARTS)
  const invoices = () => gateway.ask('sample-supplier', INVOICES)

  test('its readers get a typed error, or what was kept and is marked, in time; nobody else notices, and it is read again when the network is back', async () => {
    const [ofParts, ofInvoices] = [await parts(), await invoices()]
    for (const { body } of [ofParts, ofInvoices]) expect(body.errors).toBeUndefined()
    network.cut()
    const tookMs: number[] = []
    const codes = new Set<string>()
    let changed = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedMs = performance.now()
      const [cut, other] = await Promise.all([
        parts().then(answer => {
          tookMs.push(performance.now() - startedMs)
          return answer
        }),
        invoices(),
      ])
      const { data, errors, extensions } = cut.body
      expect(data).toEqual(errors === undefined ? ofParts.body.data : { part: null })
      codes.add(errors?.[0].extensions.code ?? extensions?.warnings[0].code ?? 'UNMARKED')
      if (other.text !== ofInvoices.text) changed += 1
    }
    network.mend()
    const mendedMs = performance.now()
    while ((await parts()).text !== ofParts.text) {
      expect(performance.now() - mendedMs).toBeLessThan(60_000)
      await setTimeout(50)
    }
    expect(['DEADLINE_EXCEEDED', 'SYSTEM_UNAVAILABLE', 'LAST_KNOWN_GOOD']).toEqual(expect.arrayContaining([...codes]))
    report(9, {
      'asked while the network was cut': ROUNDS,
      'slowest, the network cut': { value: Math.max(...tookMs), atMost: LONGEST_MS, unit: 'ms', isTimed: true },
      'answers of others changed, the network cut': { value: changed, ...exactly(0), of: ROUNDS },
      'told, the network cut': [...codes].join(', '),
      'right again after': { value: (performance.now() - mendedMs) / 1_000, unit: 's' },
    })
  })
})
