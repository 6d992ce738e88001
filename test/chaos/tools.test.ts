import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { quantile } from '../support/figures.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { createMeteredSystem } from '../support/metered-system.ts'
import { createRetrying } from '../support/retrying.ts'
import { countsPerSecond, overSeconds } from '../support/seconds.ts'
import { until } from '../support/shared-store.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'
import { parseRequest } from './runner/request.ts'
import { ROWS } from './runner/rows.ts'

/** What the rows are measured with: if it told wrongly, a row could pass that should not. */

describe('the seconds of a span', () => {
  const span = { fromMs: 1_000, toMs: 4_000 }

  test('each have what fell into them, and none has what lies outside', () => {
    expect(countsPerSecond([999, 1_000, 1_999, 2_000, 3_999, 4_000], span)).toEqual([
      [0, 2],
      [1, 1],
      [2, 1],
    ])
  })

  test('are there where nothing fell into them, and one that is not whole is not', () => {
    const seconds = overSeconds(
      [{ at: 1_500, value: 7 }],
      { ...span, toMs: 3_900 },
      ({ at }) => at,
      all => all[0]?.value ?? 0,
    )
    expect(seconds).toEqual([
      [0, 7],
      [1, 0],
    ])
  })

  test('a quantile of nothing is no number that a bound could hold', () => expect(quantile([], 0.99)).toBeNaN())
})

describe('a metered system', () => {
  const meter = createMeteredSystem('PARTS_LOGISTICS')
  let gateway: DeclaredGateway
  beforeAll(async () => {
    const systems = systemsOf({
      PARTS_LOGISTICS: { connector: extractsOf('PARTS_LOGISTICS') },
      WHOLESALE_FINANCE: { connector: extractsOf('WHOLESALE_FINANCE') },
    })
    gateway = await startGateway({
      connectors: meter.lay,
      settings: { systems },
      execution: { compiled: true, cached: false },
    })
  })
  afterAll(() => gateway.close())
  const ask = (client: string) => gateway.ask(client, { query: '{ part(partNumber: "LR106259") { description } }' })

  test('counts its own calls with those beside them, and not the calls of another system', async () => {
    const before = meter.calls.length
    const fromMs = performance.now()
    meter.latencyMs = 50
    await Promise.all([ask('sample-retailer'), ask('sample-internal')])
    await gateway.ask('sample-supplier', { query: '{ supplierInvoices(first: 1) { edges { cursor } } }' })
    meter.latencyMs = 0
    const calls = meter.calls.slice(before)
    expect(calls).toHaveLength(gateway.reads.filter(read => read.startsWith('lookup part')).length)
    expect(Math.max(...calls.map(({ concurrency }) => concurrency))).toBe(calls.length)
    expect(meter.concurrency()).toBe(0)
    const span = { fromMs, toMs: fromMs + 10_000 }
    expect(meter.callsPerSecond(span).reduce((sum, [, count]) => sum + count, 0)).toBe(calls.length)
    expect(meter.concurrencyPerSecond(span)[0]?.[1]).toBe(calls.length)
  })

  test('fails where it is made to, and answers again', async () => {
    // Nobody has asked for it, so nothing that was kept can stand in for it.
    const unknown = () => gateway.ask('sample-retailer', { query: '{ part(partNumber: "LR071050") { description } }' })
    meter.failure = new Error('the system is away')
    expect((await unknown()).body.errors[0].extensions.code).toBe('SYSTEM_UNAVAILABLE')
    meter.failure = null
    await until(async () => (await unknown()).body.errors === undefined)
  })
})

describe('a client that asks again', () => {
  test('does so until it is answered, and no more often than it may', async () => {
    const outcomes = ['503', '503', 'ANSWERED', '503', '503', '503']
    const attempt = async () => {
      const outcome = outcomes.shift() ?? 'ANSWERED'
      return { outcome, retryAfterMs: outcome === 'ANSWERED' ? null : 1 }
    }
    const client = createRetrying(attempt, 3)
    expect([await client.ask(0), await client.ask(1)]).toEqual(['ANSWERED', '503'])
    expect([client.firstMs.length, client.repeatedMs.length]).toEqual([2, 4])
  })
})

describe('the command line', () => {
  test('takes rows by name and number, each once and in their order; all where none is named', () => {
    const named = parseRequest(['soak', '2', 'two-partners', '--seed', '7', '--short'])
    expect(named).toMatchObject({ seed: 7, isFull: false, minutes: 20 })
    expect(typeof named === 'object' && named.rows.map(({ number }) => number)).toEqual([2, 24])
    expect(parseRequest([])).toMatchObject({ rows: ROWS, isFull: true, seed: expect.any(Number) })
  })

  test.each([[['25']], [['--seed', 'x']], [['--minutes', '0']], [['--minutes', '1.5']], [['--quick']]])(
    'refuses %j, and runs nothing',
    args => expect(() => parseRequest(args)).toThrow(),
  )

  test('knows 24 rows, numbered without a gap', () =>
    expect(ROWS.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1)))
})
