import { expect, test } from '@jest/globals'
import { type Audit, createAudit } from '../../src/http/audit.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { createRequestMetrics } from '../../src/http/request-metrics.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { parseExposition } from '../observe/exposition.ts'

const RETAILER = { partner: 'BPNL00000000RT01', role: 'RETAILER', answer: 'MISS' } as const

function metricsOf(operations: readonly string[] = []) {
  const counters = createCounters()
  let nowMs = 0
  const { take, gauges } = createRequestMetrics({ operations, counters, now: () => nowMs })
  return {
    take: (audit: Partial<Audit>) => take({ startedMs: nowMs, audit: { ...createAudit(), ...audit } } as Exchange),
    later: (ms: number) => {
      nowMs += ms
    },
    refusedPartners: () => gauges[0]?.read()[0]?.value,
    counted: () =>
      (parseExposition(counters.prometheus()).get('recovery_gateway_request_duration_seconds')?.samples ?? [])
        .filter(({ name }) => name.endsWith('_count'))
        .map(({ labels, value }) => [labels.operation, labels.role, labels.answer, value]),
    errors: () => counters.snapshot().map(({ labels, value }) => [labels.operation, labels.code, value]),
  }
}

test('no partner can name more operations than its share, nor push out those of the trusted documents', () => {
  const { take, counted } = metricsOf(['Trusted'])
  for (let partner = 0; partner < 20; partner++)
    for (let name = 0; name < 30; name++)
      take({ ...RETAILER, partner: `P${partner}`, operation: `Made_up_${partner}_${name}` })
  take({ ...RETAILER, operation: 'Trusted' })
  const byOperation = new Map(counted().map(([operation, , , value]) => [operation, value]))
  expect(byOperation.size).toBe(1 + 50 + 1)
  expect([byOperation.get('Made_up_0_9'), byOperation.get('Made_up_0_10'), byOperation.get('Trusted')]).toEqual([
    1,
    undefined,
    1,
  ])
  expect(byOperation.get('other')).toBe(20 * 30 - 50)
})

test('an operation without a partner, which nobody answers for, gets no name of its own', () => {
  const { take, counted } = metricsOf()
  take({ operation: 'Anything' })
  take({})
  expect(counted()).toEqual([
    ['other', 'none', 'none', 1],
    ['none', 'none', 'none', 1],
  ])
})

test('an answer with what a system gave last counts as that, however it was made', () => {
  const { take, counted } = metricsOf()
  take({ ...RETAILER, operation: 'Parts', answer: 'MISS', lastKnown: new Map([['PARTS_LOGISTICS', 0]]) })
  expect(counted()).toEqual([['Parts', 'RETAILER', 'last_known_good', 1]])
})

test('a stream has no duration, and its errors count', () => {
  const { take, counted, errors } = metricsOf()
  take({ ...RETAILER, operation: 'Changes', stream: { events: 3, why: null }, codes: ['FORBIDDEN'] })
  expect([counted(), errors()]).toEqual([[], [['Changes', 'FORBIDDEN', 1]]])
})

test('partners that were refused for their share are counted for five minutes, each once', () => {
  const { take, later, refusedPartners } = metricsOf()
  for (const partner of ['A', 'A', 'B']) take({ ...RETAILER, partner, codes: ['RATE_LIMITED'] })
  take({ ...RETAILER, partner: 'C', codes: ['FORBIDDEN'] })
  expect(refusedPartners()).toBe(2)
  later(200_000)
  take({ ...RETAILER, partner: 'A', codes: ['RATE_LIMITED'] })
  later(200_000)
  expect(refusedPartners()).toBe(1)
})
