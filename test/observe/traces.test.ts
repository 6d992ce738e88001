import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { type Client, createClient } from '../support/client.ts'
import { createDeclaredRecovery } from '../support/declared-recovery.ts'
import { missingServers, type ProductionSite, startProductionSite } from '../support/production-site.ts'
import { storyState } from '../support/story-state.ts'
import { type CollectedSpan, type Collector, startCollector } from './collector.ts'

/** Traces of a gateway over a real PostgreSQL server, a real OData service and a real issuer, as a real collector gets them. */

const PARTS = 'query Parts($number: PartNumber!) { part(partNumber: $number) { description } }'
const INVOICE = '{ supplierInvoiceByReference(supplierInvoiceReference: "AL-020018") { documentDate } }'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const COLLECTOR_SECRET = 'of-the-collector'

const missing = missingServers()
const describeTraces =
  missing.length === 0
    ? (tests: () => void) => describe('with a collector configured', tests)
    : (tests: () => void) => describe.skip(`traces: apt-get install ${missing.join(' ')}`, tests)

describeTraces(() => {
  let site: ProductionSite
  let collector: Collector
  const counters = createCounters()
  let app: App
  let client: Client
  let url: string
  const tokens = new Map<string, string>()
  /** Header blocks of what undici sent, as they went out. */
  const sentHeaders: string[] = []
  const noteSent = (message: unknown) => void sentHeaders.push((message as { readonly headers: string }).headers)

  beforeAll(async () => {
    subscribe('undici:client:sendHeaders', noteSent)
    site = await startProductionSite(['sample-retailer', 'sample-supplier'])
    collector = await startCollector()
    const file = await site.configure(configuration => {
      configuration.traces = {
        endpoint: collector.url,
        sampleRatio: 1,
        headers: { authorization: `Bearer ${COLLECTOR_SECRET}` },
      }
      for (const system of Object.values<{ deadlineMs: number }>(configuration.systems)) system.deadlineMs = 7_000
    })
    app = await createApp(await loadConfig(file, site.env), {
      log: createLog({ level: 'error', destination: { write: () => {} } }),
      counters,
      clock: systemClock,
      recovery: createDeclaredRecovery(await storyState()),
    })
    await app.prove()
    url = await app.partners.listen({ host: '127.0.0.1', port: 0 })
    client = createClient()
    for (const name of ['sample-retailer', 'sample-supplier'])
      tokens.set(name, `Bearer ${(await site.provider.token(name)).token}`)
  })
  afterAll(async () => {
    unsubscribe('undici:client:sendHeaders', noteSent)
    await client?.close()
    await app?.partners.close()
    await app?.close()
    await collector?.close()
    await site?.stop()
  })

  async function ask(name: string, question: object, headers: Record<string, string> = {}): Promise<string> {
    const { body, headers: answered } = await client.ask(url, {
      authorization: tokens.get(name) ?? '',
      headers,
      question: question as { readonly query: string },
    })
    expect(body.errors).toBeUndefined()
    return String(answered['x-request-id'])
  }
  const requestSpan = (id: string) => collector.span(({ attributes }) => attributes['gateway.request_id'] === id)
  const under = (parent: CollectedSpan, name: RegExp) =>
    collector.span(({ parentSpanId, name: own }) => parentSpanId === parent.spanId && name.test(own))

  test('a request, its operation, its read and the statement are parents of each other, in the trace that the request names', async () => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`
    const id = await ask('sample-retailer', { query: PARTS, variables: { number: 'LR071050' } }, { traceparent })
    const request = await requestSpan(id)
    expect([request.name, request.traceId, request.parentSpanId]).toEqual(['POST /graphql', TRACE, 'b7ad6b7169203331'])
    const operation = await under(request, /^query$/)
    expect(operation.attributes['graphql.operation.name']).toBe('Parts')
    const read = await under(operation, /^lookup part$/)
    expect(read.attributes).toEqual({
      'gateway.system': 'PARTS_LOGISTICS',
      'gateway.relation': 'part',
      'gateway.keys': 1,
    })
    const statement = await under(read, /^SELECT$/)
    expect(statement.attributes).toEqual({ 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' })
    expect(new Set([operation, read, statement].map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  })

  test('what is asked of an OData service is under the read that asks it, and carries no header of the trace', async () => {
    const asked = site.finance.requests.length
    const request = await requestSpan(await ask('sample-supplier', { query: INVOICE }))
    const read = await under(await under(request, /^query$/), /supplier_invoice/)
    const sent = await under(read, /^GET$/)
    expect([sent.traceId, sent.attributes['http.response.status_code']]).toEqual([request.traceId, 200])
    expect(sent.attributes['url.full']).toBe(new URL(site.finance.url).origin)
    expect(site.finance.requests.length).toBeGreaterThan(asked)
    const toService = sentHeaders.filter(headers => headers.includes(new URL(site.finance.url).host))
    expect(toService.length).toBeGreaterThan(0)
    expect(toService.filter(headers => /traceparent|tracestate|baggage/i.test(headers))).toEqual([])
  })

  test('a request that names no trace, or none that can be read, begins one', async () => {
    const unusable = [
      undefined,
      'nonsense',
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      `00-${TRACE}-b7ad6b7169203331-01-more`,
    ]
    const query = '{ viewer { partner { bpnl } } }'
    const ids = await Promise.all(
      unusable.map(traceparent => ask('sample-retailer', { query }, traceparent === undefined ? {} : { traceparent })),
    )
    const begun = await Promise.all(ids.map(requestSpan))
    expect(begun.map(({ parentSpanId, traceId }) => [parentSpanId, traceId === TRACE])).toEqual(
      unusable.map(() => [null, false]),
    )
  })

  test('an answer that stands ready is a request without anything under it', async () => {
    const question = { query: PARTS, variables: { number: 'LR024120' } }
    await ask('sample-retailer', question)
    const request = await requestSpan(await ask('sample-retailer', question))
    expect(request.attributes['gateway.answer']).toBe('HIT')
    expect(collector.spans.filter(({ parentSpanId }) => parentSpanId === request.spanId)).toEqual([])
  })

  test('nothing secret leaves, and nothing that a partner wrote', async () => {
    const canary = 'CANARY4711'
    const query = `query Named($number: PartNumber!) { ${canary}: part(partNumber: $number) { description } literal: part(partNumber: "${canary}LITERAL") { description } }`
    const id = await ask(
      'sample-retailer',
      { query, variables: { number: `${canary}VARIABLE` }, extensions: { note: canary } },
      { tracestate: `a=${canary}`, baggage: `b=${canary}`, 'user-agent': canary, 'x-note': canary },
    )
    await requestSpan(id)
    await requestSpan(await ask('sample-supplier', { query: INVOICE.replace('AL-020018', canary) }))
    const bodies = collector.received.map(text => text.slice(text.indexOf('\n{')))
    const secrets = [
      canary,
      'AL-020018',
      'LR071050',
      COLLECTOR_SECRET,
      site.env.FINANCE_ODATA_PASSWORD ?? '',
      btoa(`${site.env.FINANCE_ODATA_USER}:${site.env.FINANCE_ODATA_PASSWORD}`),
      ...[...tokens.values()].map(token => token.slice(7, 60)),
    ]
    expect(bodies.join('').length).toBeGreaterThan(5_000)
    for (const secret of secrets) expect(bodies.filter(body => body.includes(secret))).toEqual([])
    expect(collector.received[0]).toContain(`Bearer ${COLLECTOR_SECRET}`)
  })

  test('a collector that is gone fails no request, and its spans are counted', async () => {
    const outcomes = () =>
      counters.snapshot().flatMap(({ name, labels }) => (name === 'trace_spans' ? (labels.outcome ?? '') : []))
    expect(outcomes()).toEqual(['exported'])
    await collector.close()
    for (let tries = 0; tries < 500 && !outcomes().includes('failed'); tries++) {
      await ask('sample-retailer', { query: '{ viewer { partner { bpnl } } }' })
      await setTimeout(20)
    }
    expect(outcomes()).toEqual(['exported', 'failed'])
  })
})

test('what makes traces is loaded by nobody but for a configured collector', async () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url))
  const importers: string[] = []
  for (const file of await readdir(source, { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const code = (await readFile(join(source, file), 'utf8')).replaceAll(/^import type .*$/gm, '')
    if (/from '@opentelemetry|from '.*open-telemetry/.test(code)) importers.push(file)
  }
  expect(importers.toSorted()).toEqual(['observe/open-telemetry/outlet.ts', 'observe/open-telemetry/tracing.ts'])
})
