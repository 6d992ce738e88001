import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { createDataset } from '../../demo/generator/dataset.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { SMALL_DATASET } from '../support/dataset.ts'
import { askOver, type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { startLoad } from '../support/load.ts'
import { limitedOpening, openSystem, RETAILER, registerPartner, transition } from '../support/opening.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { until } from '../support/shared-store.ts'
import { describeOnSite, type Instance, type Site, startSite } from '../support/site.ts'

/**
 * Several instances as a site runs them: processes of their own on one PostgreSQL server with the journal and one shared
 * store. What one has read the other need not read; what closes, closes in all; and one that dies takes nothing along.
 */

const PARTS: SystemKey = 'PARTS_LOGISTICS'
const part = (partNumber: string) => ({ query: `{ part(partNumber: "${partNumber}") { partNumber description } }` })
/** Forty of the catalogue, in turn. */
const partNumbers = [...createDataset(SMALL_DATASET).rows(partRelation)].slice(0, 40).map(row => String(row.partNumber))
const anyPart = (n: number) => part(partNumbers[n % partNumbers.length] ?? '')
const CLIENTS = 8
/** Between two questions of one: enough are asked all the same, and the processes have the machine. */
const PAUSE_MS = 15
const LOOKUPS = 'recovery_gateway_field_cache_lookups_total'
const lookups = (outcome: string) => `${LOOKUPS}{field="Query.part",outcome="${outcome}"}`

const describeIt =
  redisBinary() === null
    ? () => describe.skip('several instances (apt-get install redis-server)', () => {})
    : describeOnSite

describeIt('several instances on one journal and one shared store', () => {
  let site: Site
  let store: RedisServer
  /** In this process: opens and closes. */
  let operator: Instance
  let first: GatewayProcess
  let second: GatewayProcess
  let token: string

  beforeAll(async () => {
    site = await startSite({ isSmall: true })
    store = await startRedis(redisBinary() ?? '')
    operator = await site.start()
    await registerPartner(site, operator, 'BPNL00000R000121', RETAILER)
    await openSystem(site, operator, PARTS)
    // A busy machine must not make a gateway look away.
    const settings = { sharedStore: { url: store.url, commandTimeoutMs: 1_000 } }
    ;[first, second] = await Promise.all([
      startProcess(await site.configure({ settings })),
      startProcess(await site.configure({ settings })),
    ])
    token = await site.token('dms-1')
  })
  afterAll(async () => {
    await Promise.all([first?.kill(), second?.kill()])
    await store?.stop()
    await site?.stop()
  })

  const code = async ({ partners }: GatewayProcess) => {
    const { body } = await askOver(partners, token, part('LR106259'))
    return body.errors?.[0]?.extensions.code ?? 'ANSWERED'
  }
  /** Milliseconds until both say so. */
  const untilBoth = async (wanted: string) => {
    const startedMs = performance.now()
    while ((await code(first)) !== wanted || (await code(second)) !== wanted) await setTimeout(10)
    return performance.now() - startedMs
  }

  async function storedKeys(): Promise<number> {
    const client = new Redis(store.url)
    return client.dbsize().finally(() => client.disconnect())
  }

  test('a record that one has read is a hit in the other', async () => {
    const known = await storedKeys()
    const answers = [await askOver(first.partners, token, part('LR106259'))]
    // No answer waits for the store.
    await until(async () => (await storedKeys()) > known)
    answers.push(await askOver(second.partners, token, part('LR106259')))
    expect(answers[0]).toEqual({
      status: 200,
      body: { data: { part: { partNumber: 'LR106259', description: expect.any(String) } } },
    })
    expect(answers[1]).toEqual(answers[0])
    expect([await first.metric(lookups('miss')), await first.metric(lookups('hit'))]).toEqual([1, 0])
    expect([await second.metric(lookups('miss')), await second.metric(lookups('hit'))]).toEqual([0, 1])
  })

  test('a closing reaches both within a second, cached answers included, and so does the reopening', async () => {
    const reason = 'an indicator was seen in the parts warehouse'
    await operator.submit(
      await site.sign('lifecycle-transition', transition(PARTS, 'OPEN', 'SUSPENDED', { reason }), {
        role: 'SECURITY_OPERATIONS',
      }),
    )
    expect(await untilBoth('SYSTEM_NOT_OPEN')).toBeLessThan(1_000)
    await operator.submit(
      await site.sign('lifecycle-transition', transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1]))),
    )
    expect(await untilBoth('ANSWERED')).toBeLessThan(1_000)
  })

  test('the death of the store loses no request, nor does its return', async () => {
    const load = startLoad({
      processes: [first, second],
      token,
      clients: CLIENTS,
      question: anyPart,
      pauseMs: PAUSE_MS,
    })
    await setTimeout(500)
    await store.kill()
    await setTimeout(1_000)
    await store.restart()
    await setTimeout(1_000)
    const outcomes = await load.stop()
    expect(outcomes.length).toBeGreaterThan(100)
    expect(outcomes.filter(({ status, codes }) => status !== 200 || codes.length > 0)).toEqual([])
  })

  test('the death of a process loses no request but those in flight on it', async () => {
    const load = startLoad({
      processes: [first, second],
      token,
      clients: CLIENTS,
      question: anyPart,
      pauseMs: PAUSE_MS,
    })
    await setTimeout(500)
    await first.kill()
    const goneMs = performance.now()
    await setTimeout(1_000)
    const outcomes = await load.stop()
    const lost = outcomes.filter(({ status }) => status === null)
    expect(lost.every(({ process, startedMs }) => process === first && startedMs <= goneMs)).toBe(true)
    // Each client has one request at a time, and none goes to a process that was found gone.
    expect(lost.length).toBeLessThanOrEqual(CLIENTS)
    expect(outcomes.filter(({ status, codes }) => status !== null && (status !== 200 || codes.length > 0))).toEqual([])
    expect(
      outcomes.filter(({ process, startedMs }) => process === second && startedMs > goneMs).length,
    ).toBeGreaterThan(CLIENTS)
  })
})
