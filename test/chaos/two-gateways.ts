import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { AUDIENCE, createKey, ISSUER, signToken, type TestKey } from '../identity/issuer.ts'
import { PUBLIC_URL } from '../identity/proofs.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { nowSeconds } from '../support/dpop-client.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { postgresBinaries, startPostgres } from '../support/postgres.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { type Instance, type Site, startSite } from '../support/site.ts'
import { systemsOf } from '../support/systems-of.ts'

/**
 * Two gateway processes on one journal and one shared store, over parts logistics on a PostgreSQL server that counts what
 * it is asked, with partners of each kind. Keys of the issuer are the test's own.
 */
export interface TwoGateways {
  readonly gateways: readonly GatewayProcess[]
  readonly store: RedisServer
  readonly site: Site
  /** In this process: hands statements in. */
  readonly operator: Instance
  readonly issuerKey: TestKey
  /** A token of the issuer for this client; by another key it is a forged one. */
  token(clientId: string, change?: object, key?: TestKey): Promise<string>
  /** Statements that read parts, as PostgreSQL counts them. */
  reads(): Promise<number>
  /** A session of a superuser in the database of parts logistics. */
  partsSession(): Promise<pg.Client>
  /** A counter or gauge of each process. */
  metrics(name: string): Promise<readonly number[]>
  stop(): Promise<void>
}

export const BEARER = { bpnl: 'BPNL00000R000121', client: 'bearer' }
/** Enrolled for tokens that are bound to a key. */
export const DPOP = { bpnl: 'BPNL00000R000139', client: 'dpop' }
export const DISABLED = { bpnl: 'BPNL00000R000147', client: 'disabled' }

const READS = `SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements
  WHERE userid = 'reader'::regrole AND query LIKE '%"parts_logistics"."part"%' AND query NOT ILIKE '%count(*)%'`

export interface TwoGatewaysOptions {
  /** Of a read of parts; default: the preset. */
  readonly deadlineMs?: number
  /** Of parts logistics; default: the preset. */
  readonly shield?: object
  /** Most that a request waits for the store; default: the preset. */
  readonly storeTimeoutMs?: number
}

export async function startTwoGateways(options: TwoGatewaysOptions = {}): Promise<TwoGateways> {
  const { deadlineMs, shield, storeTimeoutMs } = options
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-two-'))
  const issuerKey = await createKey('issuer')
  const file = join(directory, 'keys.jwks.json')
  await writeFile(file, JSON.stringify({ keys: [issuerKey.publicJwk] }))
  const [site, store, server] = await Promise.all([
    startSite(),
    startRedis(redisBinary() ?? ''),
    startPostgres(postgresBinaries() ?? '', { settings: ['shared_preload_libraries=pg_stat_statements'] }),
  ])
  const { connectionString } = server
  const dataset = createDataset(TEST_DATASET)
  const filled = ['PARTS_LOGISTICS'] as const
  await fillServerDatabase({ connectionString, dataset, systems: filled, replace: false, reader: 'reader' })
  const observer = new pg.Client({ connectionString })
  await observer.connect()
  await observer.query('CREATE EXTENSION pg_stat_statements')

  const reader = connectionString.replace('gateway@', 'reader@')
  const counted = { kind: 'postgres', connectionString: reader, schema: 'parts_logistics' }
  const systems = systemsOf({
    PARTS_LOGISTICS: {
      connector: counted,
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(shield && { shield }),
    },
  })
  const identity = {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: { file },
    publicUrl: PUBLIC_URL,
    // So that a store that is back is soon one that cannot have forgotten.
    clockSkewSeconds: 1,
    // So that no proof of a test is refused for its age.
    dpop: { proofSeconds: 300, nonceSeconds: 300 },
  }
  const operator = await site.start({ settings: { systems } })
  for (const { bpnl, client } of [BEARER, DPOP, DISABLED]) {
    const binding = client === DPOP.client ? 'DPOP' : 'NONE'
    await registerPartner(site, operator, bpnl, { ...RETAILER, clients: [client], token_binding: binding })
  }
  await openSystem(site, operator, 'PARTS_LOGISTICS')
  // Reads are counted, and held: those of the warm-up would be among them.
  const sharedStore = {
    url: store.url,
    ...(storeTimeoutMs !== undefined && { commandTimeoutMs: storeTimeoutMs }),
  }
  const settings = { sharedStore, identity, systems, warmUp: { questions: 0 } }
  const gateways = await Promise.all([0, 1].map(async () => startProcess(await site.configure({ settings }))))

  return {
    gateways,
    store,
    site,
    operator,
    issuerKey,
    token(clientId, change = {}, key = issuerKey) {
      const iat = nowSeconds() - 5
      return signToken(key, { client_id: clientId, sub: clientId, iat, exp: iat + 3_600, ...change })
    },
    async reads() {
      const { rows } = await observer.query<{ readonly calls: string }>(READS)
      return Number(rows[0]?.calls)
    },
    async partsSession() {
      const session = new pg.Client({ connectionString })
      await session.connect()
      return session
    },
    metrics: name => Promise.all(gateways.map(gateway => gateway.metric(`recovery_gateway_${name}`))),
    async stop() {
      await Promise.all(gateways.map(gateway => gateway.kill()))
      await observer.end()
      await Promise.all([store.stop(), server.stop(), site.stop()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}
