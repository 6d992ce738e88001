import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createDataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { latency, startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { describeWith } from '../support/needs.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { overSeconds } from '../support/seconds.ts'
import { until } from '../support/shared-store.ts'
import { type Site, startSite } from '../support/site.ts'
import { systemsOf } from '../support/systems-of.ts'
import { isUnasked, judge, questionAt, REPLACED, readings, type Verdict } from './stamped-parts.ts'

/**
 * The PostgreSQL server of parts logistics killed under a constant load, and started again with newer data: what was read
 * before stands in for it, marked, and gives way as soon as the system answers. The journal is on a server of its own.
 */

const HEALTHY_MS = sized(1_500, 10_000)
const OUTAGE_MS = sized(2_500, 30_000)
const AFTER_MS = sized(3_500, 14_000)
const PER_SECOND = sized(60, 100)
const ASKED = ((HEALTHY_MS + OUTAGE_MS + AFTER_MS) / 1_000) * PER_SECOND
const FRESH_WITHIN_MS = 5_000
/** What a part may be kept for is more, and an hour what is available of it. */
const BUDGET_MS = 3_600_000
const BPNL = 'BPNL00000R000121'

interface Asked extends Verdict {
  readonly n: number
  readonly fromMs: number
  readonly toMs: number
}

describeWith(['postgres'], 'the database of a system killed', () => {
  let site: Site
  let server: PostgresServer
  let gateway: GatewayProcess
  let client: Client
  let authorization: string

  beforeAll(async () => {
    ;[site, server] = await Promise.all([startSite(), startPostgres(postgresBinaries() ?? '')])
    const { connectionString } = server
    await fillServerDatabase({
      connectionString,
      dataset: createDataset(TEST_DATASET),
      systems: ['PARTS_LOGISTICS'],
      replace: false,
      reader: 'reader',
    })
    const reader = connectionString.replace('gateway@', 'reader@')
    const connector = { kind: 'postgres', connectionString: reader, schema: 'parts_logistics' }
    const systems = systemsOf({ PARTS_LOGISTICS: { connector } })
    const operator = await site.start({ settings: { systems } })
    await registerPartner(site, operator, BPNL, RETAILER)
    await openSystem(site, operator, 'PARTS_LOGISTICS')
    gateway = await startProcess(await site.configure({ settings: { systems } }))
    client = createClient()
    authorization = `Bearer ${await site.token('dms-1')}`
  })
  afterAll(async () => {
    await client?.close()
    await gateway?.kill()
    await Promise.all([server?.stop(), site?.stop()])
  })

  /** Everything that will be asked for is read once, and has been kept. */
  async function read(): Promise<void> {
    for (const question of readings(ASKED)) {
      const { body } = await client.ask(gateway.partners, { authorization, question })
      expect(body.errors).toBeUndefined()
    }
    const kept = () => gateway.metric('recovery_gateway_last_known_good_writes_total{outcome="kept"}')
    await until(async () => (await kept()) >= ASKED / 2)
    // They are written in batches, one soon after the other.
    for (let before = 0; before !== (await kept()); await setTimeout(200)) before = await kept()
  }

  async function replace(): Promise<void> {
    const superuser = new pg.Client({ connectionString: server.connectionString })
    await superuser.connect()
    await superuser.query(REPLACED)
    await superuser.end()
  }

  test('every request is answered with what is right or was, the latter marked, and soon with what is new', async () => {
    const readFromMs = Date.now()
    await read()
    const asked: Asked[] = []
    const load = startArrivals({
      perSecond: PER_SECOND,
      async ask(n) {
        const fromMs = performance.now()
        const reply = await client.ask(gateway.partners, { authorization, question: questionAt(n) })
        const verdict = judge(n, reply, RETAILER.sites)
        asked.push({ ...verdict, n, fromMs, toMs: performance.now() })
        return verdict.kind
      },
    })
    const startedMs = performance.now()
    await setTimeout(HEALTHY_MS)
    const killedMs = performance.now()
    const killedAtMs = Date.now()
    await server.kill()
    const goneMs = performance.now()
    await setTimeout(OUTAGE_MS)
    const restartingMs = performance.now()
    await server.restart()
    const restartedMs = performance.now()
    await replace()
    const replacedMs = performance.now()
    await setTimeout(AFTER_MS)
    const arrivals = await load.stop()
    const endedMs = performance.now()

    /** Never asked for before by this field: no cache has it, so who answers is the system or what was kept of it. */
    const unasked = asked.filter(({ n }) => isUnasked(n))
    const during = unasked.filter(({ fromMs, toMs }) => fromMs > goneMs && toMs < restartingMs)
    const untouched = unasked.filter(({ toMs }) => toMs < killedMs)
    const kept = asked.filter(({ kind }) => kind === 'LAST_KNOWN_GOOD')
    const wrong = asked.filter(
      ({ kind, editions, n, fromMs, toMs }) =>
        kind === 'WRONG' ||
        // What was kept is what was read before; what is new is nowhere before it is written.
        (kind === 'LAST_KNOWN_GOOD' && editions.has(2)) ||
        (toMs < restartedMs && editions.has(2)) ||
        (kind === 'FRESH' && isUnasked(n) && fromMs > replacedMs && editions.has(1)),
    )
    const stale = kept.filter(({ readAtMs }) => {
      const at = readAtMs ?? 0
      return at < readFromMs || at > killedAtMs || Date.now() - at > BUDGET_MS
    })
    const lastKept = Math.max(restartedMs, ...kept.map(({ fromMs }) => fromMs))
    const failures = tally(asked.filter(({ kind }) => kind === 'FAILED').map(({ why }) => ({ outcome: why })))
    const answered = asked.filter(({ kind }) => kind === 'FRESH' || kind === 'LAST_KNOWN_GOOD').length
    const span = { fromMs: startedMs, toMs: endedMs }
    const course = (kind: Verdict['kind']) =>
      overSeconds(
        asked,
        span,
        ({ fromMs }) => fromMs,
        all => all.filter(verdict => verdict.kind === kind).length,
      )
    const killed = `killed at ${(HEALTHY_MS / 1_000).toFixed(0)} s for ${(OUTAGE_MS / 1_000).toFixed(0)} s`

    expect(wrong.slice(0, 3)).toEqual([])
    expect(untouched.length).toBeGreaterThan(10)
    expect(tally(untouched.map(({ kind }) => ({ outcome: kind })))).toEqual({ FRESH: untouched.length })
    expect(during.length).toBeGreaterThan(25)
    report(
      8,
      {
        requests: arrivals.length,
        wrong: { value: wrong.length, ...exactly(0), of: asked.length },
        answered: { value: (answered / arrivals.length) * 100, atLeast: 99.9, unit: '%' },
        'not answered': JSON.stringify(failures),
        'last-known-good': kept.length,
        'while it was killed, neither cached nor marked': {
          value: during.filter(({ kind }) => kind === 'FRESH').length,
          ...exactly(0),
          of: during.length,
        },
        'last-known-good beyond its budget, or read when it cannot have been': {
          value: stale.length,
          ...exactly(0),
          of: kept.length,
        },
        'last of it after the restart': {
          value: (lastKept - restartedMs) / 1_000,
          atMost: FRESH_WITHIN_MS / 1_000,
          unit: 's',
          isTimed: true,
        },
        'slowest answer': { value: latency(arrivals).slowestMs, unit: 'ms' },
      },
      [
        { title: `Given by the system or a cache, each second (${killed})`, unit: '/s', points: course('FRESH') },
        { title: `Last-known-good, each second (${killed})`, unit: '/s', points: course('LAST_KNOWN_GOOD') },
      ],
    )
  }, 240_000)
})
