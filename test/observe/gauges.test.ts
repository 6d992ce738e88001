import { expect, test } from '@jest/globals'
import { prometheusGauges } from '../../src/observe/gauges.ts'

test('a gauge is read each time it is asked for, with its labels escaped', () => {
  let value = 1
  const gauges = [
    { name: 'journal_sequence', read: () => [{ value }] },
    { name: 'evidence_seconds', read: () => [{ labels: { system: 'a"b' }, value: 0.5 }] },
  ]
  expect(prometheusGauges(gauges)).toContain('recovery_gateway_journal_sequence 1\n')
  value = 2
  expect(prometheusGauges(gauges)).toBe(
    '# HELP recovery_gateway_journal_sequence The last entry of the journal that is folded in\n' +
      '# TYPE recovery_gateway_journal_sequence gauge\nrecovery_gateway_journal_sequence 2\n' +
      '# TYPE recovery_gateway_evidence_seconds gauge\nrecovery_gateway_evidence_seconds{system="a\\"b"} 0.5\n',
  )
})

test('a name that Prometheus would not take is a mistake in the code', () =>
  expect(() => prometheusGauges([{ name: 'Journal-Lag', read: () => [] }])).toThrow(TypeError))

test('what only grows and is counted elsewhere is a counter to Prometheus, by its name too', () =>
  expect(prometheusGauges([{ name: 'turns', type: 'counter', read: () => [{ value: 3 }] }])).toBe(
    '# TYPE recovery_gateway_turns_total counter\nrecovery_gateway_turns_total 3\n',
  ))
