import { expect, test } from '@jest/globals'
import { observeConnectors } from '../../src/connectors/observed.ts'
import { createCounters } from '../../src/observe/counters.ts'
import type { Tracing } from '../../src/observe/tracing.ts'
import type { Connector, LookupQuery } from '../../src/systems/connector.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { parseExposition } from '../observe/exposition.ts'

const QUERY: LookupQuery = { columns: ['partNumber'], keys: [['LR071050'], ['LR024120']], visible: { kind: 'all' } }
const READING = { rows: [], asOf: '2025-10-08T05:30:00Z' }

function observing(lookup: Connector['lookup'], tracing: Tracing | null = null) {
  const counters = createCounters()
  const connector = { lookup } as Connector
  const { PARTS_LOGISTICS } = observeConnectors(
    { PARTS_LOGISTICS: connector, WHOLESALE_FINANCE: connector, PRODUCTION_SCHEDULE: connector },
    { counters, tracing },
  )
  return {
    connector: PARTS_LOGISTICS,
    counted: () =>
      (parseExposition(counters.prometheus()).get('recovery_gateway_upstream_read_duration_seconds')?.samples ?? [])
        .filter(({ name }) => name.endsWith('_count'))
        .map(({ labels, value }) => [labels.system, labels.relation, labels.outcome, value]),
  }
}

test('a read is handed on as it is, and counted as answered', async () => {
  const { connector, counted } = observing(async (_, query) => {
    expect(query).toBe(QUERY)
    return READING
  })
  expect(await connector.lookup(part, QUERY, AbortSignal.timeout(1_000))).toBe(READING)
  expect(counted()).toEqual([['PARTS_LOGISTICS', 'part', 'answered', 1]])
})

test('what a system refuses has failed, what nobody waits for any more was given up; the error is the same', async () => {
  const failure = new Error('no')
  const { connector, counted } = observing(() => Promise.reject(failure))
  await expect(connector.lookup(part, QUERY, new AbortController().signal)).rejects.toBe(failure)
  await expect(connector.lookup(part, QUERY, AbortSignal.abort())).rejects.toBe(failure)
  expect(counted()).toEqual([
    ['PARTS_LOGISTICS', 'part', 'failed', 1],
    ['PARTS_LOGISTICS', 'part', 'given_up', 1],
  ])
})

test('a span tells how many keys were asked for, and none of them', async () => {
  const spans: unknown[] = []
  const tracing: Tracing = {
    request: (_request, _response, handle) => handle(),
    span(name, attributes, work) {
      spans.push([name, attributes])
      return work()
    },
    close: async () => {},
  }
  const { connector } = observing(async () => READING, tracing)
  await connector.lookup(part, QUERY, AbortSignal.timeout(1_000))
  expect(spans).toEqual([
    ['lookup part', { 'gateway.system': 'PARTS_LOGISTICS', 'gateway.relation': 'part', 'gateway.keys': 2 }],
  ])
})
