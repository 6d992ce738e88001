import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { METRICS } from '../../src/observe/metric-catalogue.ts'
import { poolExpositions } from '../../src/observe/pooled-text.ts'
import { metricName } from '../../src/observe/prometheus-text.ts'
import { type Family, parseExposition } from '../observe/exposition.ts'
import { createClient } from '../support/client.ts'
import { ALL_SCOPES, type DeclaredGateway, startGateway } from '../support/gateway.ts'

/** What `GET /metrics` of a whole gateway gives once it has served. */

const PROMTOOL = '/usr/bin/promtool'
const PART = { query: 'query Parts { part(partNumber: "LR071050") { description } }' }

let gateway: DeclaredGateway
let text: string
let families: ReadonlyMap<string, Family>
const metrics = async () => (await gateway.app.admin.inject('/metrics')).payload

beforeAll(async () => {
  gateway = await startGateway()
  const url = await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
  const token = await gateway.issuer.sign({ clientId: 'sample-retailer', scopes: ALL_SCOPES, lifetimeSeconds: 60 })
  const client = createClient()
  const authorization = `Bearer ${token}`
  // By the protocol, executed, and from what is kept.
  for (let asked = 0; asked < 3; asked++) await client.ask(url, { authorization, question: PART })
  await client.ask(url, { authorization, question: { query: '{ supplierPosition { open { amount } } }' } })
  await client.ask(url, { authorization: 'Bearer of-nobody', question: PART })
  // By now those before it are counted.
  await client.ask(url, { authorization })
  await client.close()
  text = await metrics()
  families = parseExposition(text)
})
afterAll(() => gateway?.close())

const samples = (name: string) => families.get(`recovery_gateway_${name}`)?.samples ?? []

describe('the metrics', () => {
  test('are of the text format, each with what it says and the labels that the catalogue names', () => {
    const known = new Map(METRICS.map(metric => [metricName(metric.name, metric.type), metric]))
    expect(families.size).toBeGreaterThan(25)
    for (const [name, { type, help, samples }] of families) {
      const metric = known.get(name)
      expect([name, type, help]).toEqual([name, metric?.type, metric?.help])
      const allowed = new Set([...(metric?.labels ?? []), 'le', 'overflow'])
      for (const { labels } of samples)
        expect([name, Object.keys(labels).filter(label => !allowed.has(label))]).toEqual([name, []])
    }
  })

  const lint = existsSync(PROMTOOL) ? test : test.skip
  lint('pass the linter of Prometheus, alone and pooled', () => {
    for (const exposition of [
      text,
      poolExpositions(
        'worker',
        new Map([
          ['1', text],
          ['2', text],
        ]),
      ),
    ]) {
      parseExposition(exposition)
      execFileSync(PROMTOOL, ['check', 'metrics'], { input: exposition, stdio: ['pipe', 'pipe', 'pipe'] })
    }
  })

  test('tell how often each operation was asked, by whom, how it was answered, and what failed', () => {
    const counted = samples('request_duration_seconds')
      .filter(({ name }) => name.endsWith('_count'))
      .map(({ labels, value }) => [labels.operation, labels.role, labels.answer, value])
    expect(counted).toEqual(
      expect.arrayContaining([
        ['Parts', 'RETAILER', 'protocol', 1],
        ['Parts', 'RETAILER', 'miss', 1],
        ['Parts', 'RETAILER', 'hit', 1],
        ['none', 'none', 'none', 1],
      ]),
    )
    const failed = samples('request_errors_total').map(({ labels, value }) => [labels.role, labels.code, value])
    expect(failed).toEqual(
      expect.arrayContaining([
        ['RETAILER', 'FORBIDDEN', 1],
        ['none', 'UNAUTHENTICATED', 1],
      ]),
    )
  })

  test('tell what each system was really asked', () => {
    const reads = samples('upstream_read_duration_seconds').filter(({ name }) => name.endsWith('_count'))
    expect(reads.map(({ labels, value }) => [labels, value])).toEqual([
      [{ system: 'PARTS_LOGISTICS', relation: 'part', outcome: 'answered' }, 1],
    ])
  })

  test('count a new epoch of a system, and say whom it answers', async () => {
    const serving = samples('system_serving')
    expect(serving.map(({ labels }) => labels.system)).toEqual([...SYSTEM_KEYS])
    expect(serving.find(({ labels }) => labels.system === 'PARTS_LOGISTICS')?.value).toBe(2)
    const { state } = gateway.recovery.current()
    const { PARTS_LOGISTICS } = state.systems
    gateway.recovery.declare({
      ...state,
      systems: { ...state.systems, PARTS_LOGISTICS: { ...PARTS_LOGISTICS, lifecycle: 'LIMITED_OPEN', waves: [1] } },
    })
    const after = await metrics()
    expect(after).toContain('recovery_gateway_system_epoch_changes_total{system="PARTS_LOGISTICS"} 1\n')
    expect(after).toContain('recovery_gateway_system_serving{system="PARTS_LOGISTICS"} 1\n')
  })

  test('tell of the process: memory against its bound, the event loop, its build', () => {
    const one = (name: string) => samples(name)[0]?.value ?? Number.NaN
    expect(one('memory_resident_bytes')).toBeGreaterThan(10_000_000)
    expect(one('memory_bound_bytes')).toBeGreaterThan(100_000_000)
    expect(one('event_loop_delay_max_seconds')).toBeGreaterThanOrEqual(one('event_loop_delay_p99_seconds'))
    expect(one('ready')).toBe(1)
    expect(samples('build_info')[0]?.labels).toEqual({ version: expect.any(String), node: process.versions.node })
  })
})
