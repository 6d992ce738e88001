import { expect, test } from '@jest/globals'
import { createDeclaredRecovery } from '../../src/recovery/declared.ts'
import { parseDeclaredState } from '../../src/recovery/parse-declared.ts'

const system = {
  name: 'Parts logistics',
  lifecycle: 'OPEN',
  since: '2025-10-06T09:00:00+01:00',
  objectives: {
    recoveryTimeObjective: 'P14D',
    recoveryPointObjective: 'PT4H',
    maximumTolerablePeriodOfDisruption: 'P30D',
    disruptedAt: '2025-09-01T02:00:00Z',
  },
}
const state = {
  incidentReference: 'INC-2025-0901',
  headline: 'Parts logistics is open again.',
  phase: 'RESILIENCE_AND_RECOVERY',
  updatedAt: '2025-10-07T08:00:00Z',
  systems: { PARTS_LOGISTICS: system, WHOLESALE_FINANCE: system, PRODUCTION_SCHEDULE: system },
}
const withSystem = (change: object) => ({
  ...state,
  systems: { ...state.systems, WHOLESALE_FINANCE: { ...system, ...change } },
})

test('times are turned into UTC, and what is left out is null or empty', () => {
  const { systems, sites, nextUpdateBy } = parseDeclaredState(state, 'restart.yaml')
  expect(systems.WHOLESALE_FINANCE).toMatchObject({
    key: 'WHOLESALE_FINANCE',
    since: '2025-10-06T08:00:00.000Z',
    waves: [],
    gap: null,
    nextUpdateBy: null,
    objectives: { restoredAt: null },
  })
  expect([sites, nextUpdateBy]).toEqual([[], null])
})

test('a parsed state can be declared', () => {
  const recovery = createDeclaredRecovery(parseDeclaredState(state, 'restart.yaml'))
  expect(recovery.current().state.systems.PARTS_LOGISTICS.lifecycle).toBe('OPEN')
})

const reopening = { id: 'R1', scheduledFor: '2025-10-09T08:00:00Z', status: 'SCHEDULED', conditions: 'As planned' }
const update = { id: 'U1', publishedAt: '2025-10-07T08:00:00Z', title: 'Open', body: 'Parts are open.' }

test.each([
  [
    withSystem({ lifecycle: 'open' }),
    'systems.WHOLESALE_FINANCE.lifecycle: is "open"; must be one of ISOLATED, CLEARED_FOR',
  ],
  [withSystem({ lifecycle: 'LIMITED_OPEN' }), 'systems.WHOLESALE_FINANCE.waves: names no wave; LIMITED_OPEN serves'],
  [
    withSystem({ key: 'PARTS_LOGISTICS' }),
    'systems.WHOLESALE_FINANCE.key: is "PARTS_LOGISTICS"; must be WHOLESALE_FINANCE',
  ],
  [
    withSystem({ since: '2025-10-06' }),
    'systems.WHOLESALE_FINANCE.since: is "2025-10-06"; must be a time with its offset',
  ],
  [
    withSystem({ gap: { from: '2025-10-06T00:00:00Z', until: '2025-10-05T00:00:00Z' } }),
    'systems.WHOLESALE_FINANCE.gap.until: is "2025-10-05T00:00:00Z"; must not be before from',
  ],
  [
    withSystem({ objectives: { ...system.objectives, recoveryTimeObjective: '2 weeks' } }),
    'systems.WHOLESALE_FINANCE.objectives.recoveryTimeObjective: is "2 weeks"; must be a duration (ISO 8601)',
  ],
  [{ ...state, systems: { PARTS_LOGISTICS: system } }, 'systems.WHOLESALE_FINANCE: is missing; must be a mapping'],
  [{ ...state, plannedReopenings: [reopening, reopening] }, 'plannedReopenings[1].id: R1 is that of entry [0] already'],
  [
    { ...state, updates: [{ ...update, affects: ['CRM'] }] },
    'updates[0].affects[0]: is "CRM"; must be one of PARTS_LOGISTICS',
  ],
  [
    { ...state, sites: [{ bpns: 'BPNS00000000001A', status: 'CLOSED' }] },
    'sites[0].status: is "CLOSED"; must be one of PAUSED, PREPARING',
  ],
  [{ ...state, severity: 1 }, 'severity: is not a setting; allowed here: incidentReference, headline, phase'],
  ['open', 'is "open"; must be a mapping'],
])('a wrong state is refused with its place and what is allowed (%#)', (value, message) => {
  expect(() => parseDeclaredState(value, 'restart.yaml')).toThrow(`restart.yaml: ${message}`)
})
