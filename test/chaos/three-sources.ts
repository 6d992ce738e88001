import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { parse } from 'yaml'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { startODataServer } from '../connectors/odata/server.ts'
import { createTableEngine } from '../connectors/odata/table-engine.ts'
import { createAuthority, type TestCertificate } from '../support/certificates.ts'
import { createClient, type Reply } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type Fault, startFaultProxy } from '../support/fault-proxy.ts'
import { financeService } from '../support/finance-service.ts'
import { startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { postgresBinaries, startPostgres } from '../support/postgres.ts'
import { FINANCE_SERVICE, PRODUCTION_CONFIG } from '../support/production-site.ts'
import { startSite } from '../support/site.ts'
import { createSpoiltFiles } from './spoilt-files.ts'

/**
 * A gateway process over a source of each kind, all three open: parts logistics in PostgreSQL, wholesale finance over
 * OData, the production schedule in files. Both networks speak TLS, as a site runs them, because nothing else tells a flipped
 * bit from data. What each is asked is answered by the source: of its answers, one page is kept at the most.
 */
export interface ThreeSources {
  /** Asks the system the `n`-th of its questions. */
  ask(system: SystemKey, n: number): Promise<Reply>
  /** Faults of the network before a system, or of its files. */
  lay(system: SystemKey, fault: Fault | null): Promise<void>
  /** Times of the schedule's drops that are whole. */
  readonly wholeDrops: ReadonlySet<string>
  stop(): Promise<void>
}

export interface ThreeSourcesOptions {
  /** Most that a read may take. */
  readonly deadlineMs: number
  readonly connectTimeoutMs: number
}

/** So many questions of each system. */
export const QUESTIONS = 40
export const REFRESH_SECONDS = 1

const SUPPLIER = {
  name: 'Altfeld Pressings Ltd',
  roles: ['SUPPLIER'],
  scopes: ['payments:read', 'demand:read'],
  sites: [],
  wave: 1,
  clients: ['portal-1'],
}
const PARTNERS = { BPNL00000R000121: RETAILER, BPNL00000S0001QZ: SUPPLIER }
const ASKING: Readonly<Record<SystemKey, readonly [client: string, field: string, node: string]>> = {
  PARTS_LOGISTICS: ['dms-1', 'partsOrderLines', 'id quantityOrdered { value } status'],
  WHOLESALE_FINANCE: ['portal-1', 'supplierPayments', 'id amount { amount } status'],
  PRODUCTION_SCHEDULE: ['portal-1', 'materialDemands', 'id day demand { value }'],
}

export async function startThreeSources({ deadlineMs, connectTimeoutMs }: ThreeSourcesOptions): Promise<ThreeSources> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-sources-'))
  const authority = await createAuthority('authority.test')
  const ca = join(directory, 'ca.pem')
  await writeFile(ca, authority.cert)
  const certificate = await authority.issue('source.test', 'server')
  const dataset = createDataset(TEST_DATASET)
  const [site, database, odata, files] = await Promise.all([
    startSite(),
    startPostgres(postgresBinaries() ?? '', { tls: { ...certificate, ca: authority.cert } }),
    startODataServer({
      version: 'V4',
      services: { [FINANCE_SERVICE]: financeService(dataset) },
      pageLimit: 1_000,
      createEngine: createTableEngine,
    }),
    createSpoiltFiles(join(process.env.TEST_EXTRACTS ?? '', 'PRODUCTION_SCHEDULE'), join(directory, 'drop')),
  ])
  const { connectionString } = database
  await fillServerDatabase({
    connectionString,
    dataset,
    systems: ['PARTS_LOGISTICS'],
    replace: false,
    reader: 'reader',
  })
  const front = await startTlsFront(certificate, Number(new URL(odata.url).port))
  const [toDatabase, toService] = await Promise.all(
    [Number(new URL(connectionString).port), front.port].map(port => startFaultProxy({ host: '127.0.0.1', port })),
  )
  if (toDatabase === undefined || toService === undefined) throw new Error('a proxy did not start')

  const mapped = parse(await readFile(PRODUCTION_CONFIG, 'utf8')).systems.WHOLESALE_FINANCE.connector
  const connectors: Readonly<Record<SystemKey, object>> = {
    PARTS_LOGISTICS: {
      kind: 'postgres',
      connectionString: `postgres://reader@127.0.0.1:${toDatabase.port}/postgres`,
      tls: { ca },
      schema: 'parts_logistics',
      connectTimeoutMs,
    },
    WHOLESALE_FINANCE: {
      ...mapped,
      baseUrl: `https://127.0.0.1:${toService.port}/${FINANCE_SERVICE}`,
      auth: { kind: 'none' },
      tls: { ca },
      connectTimeoutMs,
    },
    PRODUCTION_SCHEDULE: { kind: 'extracts', directory: files.directory, refreshSeconds: REFRESH_SECONDS },
  }
  // One fault follows the other, which a breaker takes for a system that flaps and leaves alone for a minute: row 13 is its own.
  const shield = { breaker: { calls: 10_000 } }
  const settings = {
    systems: Object.fromEntries(SYSTEM_KEYS.map(key => [key, { deadlineMs, shield, connector: connectors[key] }])),
    responseCache: { bytes: 0 },
    fieldCache: { entries: 1 },
  }
  const operator = await site.start({ settings })
  for (const [bpnl, partner] of Object.entries(PARTNERS)) await registerPartner(site, operator, bpnl, partner)
  for (const system of SYSTEM_KEYS) await openSystem(site, operator, system)
  // It would look at the systems too.
  await operator.close()
  const gateway = await startProcess(await site.configure({ settings }))
  const client = createClient()
  const authorizations = new Map<string, string>()
  for (const [name] of Object.values(ASKING)) authorizations.set(name, `Bearer ${await site.token(name)}`)

  return {
    wholeDrops: files.whole,
    ask(system, n) {
      const [name, field, node] = ASKING[system]
      const query = `{ ${field}(first: ${1 + (n % QUESTIONS)}) { edges { node { ${node} } } provenance { asOf origin } } }`
      return client.ask(gateway.partners, { authorization: authorizations.get(name) ?? '', question: { query } })
    },
    async lay(system, fault) {
      if (system === 'PRODUCTION_SCHEDULE') await files.lay(fault)
      else await (system === 'PARTS_LOGISTICS' ? toDatabase : toService).lay(fault)
    },
    async stop() {
      await client.close()
      await gateway.kill()
      await Promise.all([toDatabase.close(), toService.close(), files.close()])
      front.close()
      await Promise.all([odata.close(), database.stop(), site.stop()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Ends TLS before a server that speaks none. */
async function startTlsFront({ cert, key }: TestCertificate, target: number) {
  const open = new Set<Socket>()
  const server: Server = createServer({ cert, key }, socket => {
    const behind = connect(target, '127.0.0.1')
    for (const end of [socket, behind])
      end
        .on('error', () => {})
        .on('close', () => {
          socket.destroy()
          behind.destroy()
        })
    socket.pipe(behind).pipe(socket)
  })
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  // A handshake that is spoilt is an error of nobody's socket, and leaves its connection to whoever counts them.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
