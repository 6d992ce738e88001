import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { createAuthority } from '../support/certificates.ts'
import { FAULTS, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { figure, quantile } from '../support/figures.ts'
import { type Answer, type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { describeOnSite } from '../support/site.ts'

/**
 * Every fault of a network or a dying server, between the gateway and each of the three systems in turn: what that
 * system answers is right or a typed error, in time, and the others do not notice. TLS, as a site runs it, because
 * nothing else tells a flipped bit from data.
 */

const DEADLINE_MS = 600

/** One question a system, of a partner whose answer has rows. */
const QUESTIONS: Readonly<Record<SystemKey, readonly [client: string, query: string]>> = {
  PARTS_LOGISTICS: ['sample-retailer', '{ part(partNumber: "LR071050") { id description baseUnit } }'],
  WHOLESALE_FINANCE: [
    'sample-supplier',
    '{ supplierInvoices(first: 20) { edges { node { id grossAmount { amount } status } } } }',
  ],
  PRODUCTION_SCHEDULE: [
    'sample-supplier',
    '{ materialDemands(first: 20) { edges { node { day demand { value } } } } }',
  ],
}
const TYPED = ['SYSTEM_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'SYSTEM_DATA_INVALID']

describeOnSite('a fault between the gateway and a system', () => {
  let server: PostgresServer
  let directory: string
  let gateway: DeclaredGateway
  const proxies = new Map<SystemKey, FaultProxy>()
  const healthy = new Map<SystemKey, string>()

  const proxyOf = (system: SystemKey) => {
    const proxy = proxies.get(system)
    if (proxy === undefined) throw new Error(`no proxy before ${system}`)
    return proxy
  }

  async function ask(system: SystemKey): Promise<Answer & { readonly tookMs: number }> {
    const [client, query] = QUESTIONS[system]
    const startedMs = performance.now()
    const answer = await gateway.ask(client, { query })
    return { ...answer, tookMs: performance.now() - startedMs }
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-faults-'))
    const authority = await createAuthority('authority.test')
    const ca = join(directory, 'ca.pem')
    await writeFile(ca, authority.cert)
    server = await startPostgres(postgresBinaries() ?? '', {
      tls: { ...(await authority.issue('database.test', 'server')), ca: authority.cert },
    })
    const { connectionString } = server
    const dataset = createDataset(EMBEDDED_DATASET)
    await fillServerDatabase({ connectionString, dataset, systems: SYSTEM_KEYS, replace: false, reader: 'reader' })
    const systems: Record<string, object> = {}
    for (const system of SYSTEM_KEYS) {
      const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(connectionString).port) })
      proxies.set(system, proxy)
      systems[system] = {
        deadlineMs: DEADLINE_MS,
        connector: {
          kind: 'postgres',
          connectionString: `postgres://reader@127.0.0.1:${proxy.port}/postgres`,
          tls: { ca },
          schema: system.toLowerCase(),
          connectTimeoutMs: 400,
        },
      }
    }
    // Nothing is answered from a cache: every question is a read.
    gateway = await startGateway({ settings: { systems }, execution: { compiled: true, cached: false } })
    const { state } = gateway.recovery.current()
    const opened = SYSTEM_KEYS.map(key => [key, { ...state.systems[key], lifecycle: 'OPEN' as const }])
    gateway.recovery.declare({ ...state, systems: Object.fromEntries(opened) as typeof state.systems })
    for (const system of SYSTEM_KEYS) healthy.set(system, (await ask(system)).text)
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    for (const proxy of proxies.values()) await proxy.close()
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  }, 60_000)

  test('the questions have answers to lose', () => {
    for (const text of healthy.values()) expect(text).not.toMatch(/"errors"|:\[\]|:null/)
  })

  describe.each(SYSTEM_KEYS)('in front of %s', system => {
    const others = SYSTEM_KEYS.filter(key => key !== system)

    test.each(FAULTS)('%s: a typed error in time or the right answer, and nothing else changes', async fault => {
      await proxyOf(system).lay(fault)
      const tookMs: number[] = []
      const othersMs: number[] = []
      const outcomes = new Set<string>()
      for (let round = 0; round < 3; round += 1) {
        const [faulty, ...untouched] = await Promise.all([ask(system), ...others.map(ask)])
        tookMs.push(faulty.tookMs)
        othersMs.push(...untouched.map(answer => answer.tookMs))
        expect(untouched.map(({ text }) => text)).toEqual(others.map(key => healthy.get(key)))
        if (faulty.text === healthy.get(system)) outcomes.add('ANSWERED')
        else {
          const [error] = faulty.body.errors
          expect(TYPED).toContain(error.extensions.code)
          expect(Object.values(faulty.body.data)).toEqual([null])
          outcomes.add(error.extensions.code)
        }
      }
      expect([...outcomes]).toEqual(fault === 'latency' ? ['ANSWERED'] : expect.not.arrayContaining(['ANSWERED']))
      // Several times the deadline: what must not be is a wait without end.
      expect(Math.max(...tookMs)).toBeLessThan(DEADLINE_MS * 5)
      await proxyOf(system).lay(null)
      let attempts = 0
      while ((await ask(system)).text !== healthy.get(system)) {
        attempts += 1
        expect(attempts).toBeLessThan(100)
        await setTimeout(50)
      }
      const times = (all: readonly number[]) => `${Math.max(...all).toFixed(0)} ms`
      figure(
        9,
        `${system.padEnd(20)} ${fault.padEnd(16)} ${[...outcomes].join(', ').padEnd(38)} slowest ${times(tookMs)} of ${DEADLINE_MS}; others median ${quantile(othersMs, 0.5).toFixed(1)}, slowest ${times(othersMs)}; back after ${attempts} asks`,
      )
    })
  })
})
