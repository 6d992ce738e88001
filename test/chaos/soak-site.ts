import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { startODataServer } from '../connectors/odata/server.ts'
import { createTableEngine } from '../connectors/odata/table-engine.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { financeService } from '../support/finance-service.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { openSystem, registerPartner } from '../support/opening.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { FINANCE_SERVICE, PRODUCTION_CONFIG } from '../support/production-site.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { type Instance, type Site, startSite } from '../support/site.ts'
import { SOAK_PARTNERS } from './soak-questions.ts'

/**
 * A whole site, to be broken piece by piece: two gateway processes on one journal and one shared store, over a source of
 * each kind, both networks behind a proxy, and a desk that none of it reaches.
 */
export interface SoakSite {
  /** Those that serve now; one that is started takes the place of another. */
  readonly gateways: GatewayProcess[]
  startGateway(): Promise<GatewayProcess>
  readonly site: Site
  /** Hands statements in. */
  readonly operator: Instance
  readonly store: RedisServer
  readonly partsDatabase: PostgresServer
  readonly proxies: Readonly<Record<'PARTS_LOGISTICS' | 'WHOLESALE_FINANCE', FaultProxy>>
  stop(): Promise<void>
}

/** As long as an attestation may count. */
const ATTESTED_SECONDS = 43_200
const CONNECT_TIMEOUT_MS = 500

export async function startSoakSite(): Promise<SoakSite> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    // Who asks goes before who is asked.
    for (const end of stops.splice(0).toReversed()) await end()
  }
  try {
    return await startPieces(stops, stop)
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function startPieces(stops: (() => Promise<void>)[], stop: () => Promise<void>): Promise<SoakSite> {
  const dataset = createDataset(TEST_DATASET)
  const [site, store, partsDatabase, odata] = await Promise.all([
    startSite(),
    startRedis(redisBinary() ?? ''),
    startPostgres(postgresBinaries() ?? ''),
    startODataServer({
      version: 'V4',
      services: { [FINANCE_SERVICE]: financeService(dataset) },
      pageLimit: 1_000,
      createEngine: createTableEngine,
    }),
  ])
  stops.push(...[site, store, partsDatabase].map(piece => () => piece.stop()), () => odata.close())
  const { connectionString } = partsDatabase
  const systems = ['PARTS_LOGISTICS'] as const
  await fillServerDatabase({ connectionString, dataset, systems, replace: false, reader: 'reader' })
  const partsPort = Number(new URL(connectionString).port)
  const financePort = Number(new URL(odata.url).port)
  const [toParts, toFinance] = await Promise.all([
    startFaultProxy({ host: '127.0.0.1', port: partsPort }),
    startFaultProxy({ host: '127.0.0.1', port: financePort }),
  ])
  stops.push(toParts.close, toFinance.close)
  const mapped = parse(await readFile(PRODUCTION_CONFIG, 'utf8')).systems.WHOLESALE_FINANCE.connector
  const systemsAt = (parts: number, finance: number): Readonly<Record<SystemKey, object>> => ({
    PARTS_LOGISTICS: {
      connector: {
        kind: 'postgres',
        connectionString: `postgres://reader@127.0.0.1:${parts}/postgres`,
        schema: 'parts_logistics',
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
      },
    },
    WHOLESALE_FINANCE: {
      connector: {
        ...mapped,
        baseUrl: `http://127.0.0.1:${finance}/${FINANCE_SERVICE}`,
        auth: { kind: 'none' },
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
      },
    },
    PRODUCTION_SCHEDULE: {
      connector: { kind: 'extracts', directory: join(process.env.TEST_EXTRACTS ?? '', 'PRODUCTION_SCHEDULE') },
    },
  })
  const operator = await site.start({ settings: { systems: systemsAt(partsPort, financePort) } })
  for (const { bpnl, entry } of SOAK_PARTNERS) await registerPartner(site, operator, bpnl, entry)
  for (const system of SYSTEM_KEYS) {
    const options = { lifetimeSeconds: ATTESTED_SECONDS }
    await openSystem(site, operator, system, 'OPEN', options)
  }

  const settings = {
    sharedStore: { url: store.url },
    systems: systemsAt(toParts.port, toFinance.port),
    // So small that they are full in minutes: what is let go of has to be collected, and what grows on is none of them.
    fieldCache: { entries: 5_000 },
    responseCache: { bytes: 8_388_608, questionBytes: 4_194_304 },
  }
  const startGateway = async () => startProcess(await site.configure({ settings }))
  const gateways: GatewayProcess[] = []
  stops.push(async () => void (await Promise.all(gateways.map(gateway => gateway.kill()))))
  gateways.push(...(await Promise.all([startGateway(), startGateway()])))
  return {
    gateways,
    startGateway,
    site,
    operator,
    store,
    partsDatabase,
    proxies: { PARTS_LOGISTICS: toParts, WHOLESALE_FINANCE: toFinance },
    stop,
  }
}
