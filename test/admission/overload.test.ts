import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { askOver, type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { describeOnSite, type Instance, type Site, startSite } from '../support/site.ts'
import { type Flood, startFlood } from './flood.ts'

/** A gateway process before several times the work that it can do, from clients that never pause. What counts is what it does about it, not how fast this machine is. */
const CONNECTIONS = 300
/** Until it is refused more than it is answered, which takes a machine that is busy otherwise longer. */
const [FLOOD_MS, LONGEST_FLOOD_MS] = [2_000, 30_000]
const LOOK_MS = 100
const partNumbers = [...createDataset(TEST_DATASET).rows(partRelation)].map(row => String(row.partNumber))
const ENQUIRY =
  'query Enquiry($numbers: [PartNumber!]!) { partAvailability(partNumbers: $numbers) { requestedPartNumber outcome part { description } lines { site { name } } } }'
/** Never the same twice, so that none stands ready. */
const enquiry = (n: number) => ({
  query: ENQUIRY,
  variables: {
    numbers: Array.from(
      { length: 40 },
      (_, index) => partNumbers[(n * 7 + index * (1 + (n % 11))) % partNumbers.length],
    ),
  },
})
const RESTART = { query: '{ restartStatus { headline } }' }

describeOnSite('a gateway that has several times more to do than it can', () => {
  let site: Site
  let operator: Instance
  let gateway: GatewayProcess
  let token: string
  let flood: Flood
  beforeAll(async () => {
    site = await startSite()
    operator = await site.start()
    await registerPartner(site, operator, 'BPNL00000R000121', RETAILER)
    await openSystem(site, operator, 'PARTS_LOGISTICS')
    token = await site.token('dms-1')
    const settings = {
      limits: { requestTimeoutMs: 60_000, costPerMinute: 1_000_000_000, operationCost: 1_000_000 },
      admission: { inFlightPerPartner: 100_000 },
    }
    gateway = await startProcess(await site.configure({ settings }))
    for (const question of [enquiry(0), RESTART]) await askOver(gateway.partners, token, question)
  })
  afterAll(async () => {
    await flood?.stop()
    await gateway?.kill()
    await operator?.close()
    await site?.stop()
  })

  test('refuses the rest at once, stays well, sees to what is critical, and is as before soon after', async () => {
    flood = startFlood({ url: gateway.partners, token, connections: CONNECTIONS, question: enquiry })
    const health: number[] = []
    const restarts: number[] = []
    const beganMs = performance.now()
    const isEnough = () => flood.soFar().refused > 2 * flood.soFar().answered
    for (let ms = 0; ms < FLOOD_MS || !(isEnough() || ms > LONGEST_FLOOD_MS); ms = performance.now() - beganMs) {
      const askedMs = performance.now()
      const live = await fetch(`${gateway.admin}/health/live`)
      health.push(performance.now() - askedMs)
      expect(live.status).toBe(200)
      restarts.push((await askOver(gateway.partners, token, RESTART)).status)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
    const { answered, refused, other, refusal } = await flood.stop()

    // There was something to refuse, it was refused, and the others were answered.
    expect(other).toBe(0)
    expect(refused).toBeGreaterThan(answered)
    expect(answered).toBeGreaterThan(50)
    expect(refusal).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryable: true } }] })
    expect(new Set(restarts)).toEqual(new Set([200]))
    const median = health.toSorted((a, b) => a - b)[Math.floor(health.length / 2)] ?? Infinity
    expect(median).toBeLessThan(500)

    await new Promise(resolve => setTimeout(resolve, 5_000))
    const after = await Promise.all([1, 2, 3, 4, 5].map(n => askOver(gateway.partners, token, enquiry(1_000_000 + n))))
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await gateway.metric('recovery_gateway_load_pressure')).toBe(0)
    expect(await gateway.metric('recovery_gateway_executions_in_flight')).toBe(0)
    expect(await gateway.metric('recovery_gateway_shed_requests_total{what="execution"}')).toBeGreaterThanOrEqual(
      refused,
    )
  })
})
