import { beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { standardCodes } from '../../src/graphql/standard-codes.ts'
import { COMPONENT_STATUSES, RESTART_PHASES } from '../../src/model/code-lists.ts'
import { type PublicState, publicStateOf } from '../../src/status/public-state.ts'
import { statuspageDocuments } from '../../src/status/statuspage.ts'
import { readSchema } from '../schema/sdl.ts'
import { storyState } from '../support/story-state.ts'

const PAGE = { url: 'https://status.example', name: 'Restart status' }

let shown: PublicState
beforeAll(async () => {
  const known = { sites: new Map(), lastAsOf: () => null, isDegraded: () => false }
  shown = publicStateOf(await storyState(), known)
})

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into by path
const made = (change: Partial<PublicState> = {}): any => statuspageDocuments({ ...shown, ...change }, PAGE)
const withStatuses = (...statuses: readonly PublicState['systems'][number]['componentStatus'][]) =>
  made({
    systems: shown.systems.flatMap((system, index) => {
      const componentStatus = statuses[index]
      return componentStatus === undefined ? [] : [{ ...system, componentStatus }]
    }),
  })

const time = z.iso.datetime()
const page = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.url(),
  time_zone: z.literal('Etc/UTC'),
  updated_at: time.nullable(),
})
const componentStatus = z.enum([
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
])
const component = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: componentStatus,
  created_at: time,
  updated_at: time,
  position: z.int().min(1),
  description: z.string().nullable(),
  showcase: z.boolean(),
  start_date: z.iso.date().nullable(),
  group_id: z.string().nullable(),
  page_id: z.string(),
  group: z.boolean(),
  only_show_if_degraded: z.boolean(),
})
const incidentUpdate = z.strictObject({
  id: z.string(),
  status: z.string(),
  body: z.string(),
  incident_id: z.string(),
  created_at: time,
  updated_at: time,
  display_at: time,
  affected_components: z
    .array(
      z.strictObject({ code: z.string(), name: z.string(), old_status: componentStatus, new_status: componentStatus }),
    )
    .min(1)
    .nullable(),
  deliver_notifications: z.boolean(),
})
const event = {
  id: z.string(),
  name: z.string(),
  created_at: time,
  updated_at: time,
  monitoring_at: time.nullable(),
  resolved_at: time.nullable(),
  shortlink: z.url(),
  started_at: time,
  page_id: z.string(),
  incident_updates: z.array(incidentUpdate).min(1),
  components: z.array(component),
}
const incidents = z.array(
  z.strictObject({
    ...event,
    status: z.enum(['investigating', 'identified', 'monitoring', 'resolved', 'postmortem']),
    impact: z.enum(['none', 'minor', 'major', 'critical']),
  }),
)
const scheduled_maintenances = z.array(
  z.strictObject({
    ...event,
    status: z.enum(['scheduled', 'in_progress', 'verifying', 'completed']),
    impact: z.literal('maintenance'),
    scheduled_for: time,
    scheduled_until: time,
  }),
)
const status = z.strictObject({
  indicator: z.enum(['none', 'minor', 'major', 'critical', 'maintenance']),
  description: z.string(),
})
const components = z.array(component)

/** The documents as Statuspage documents them for its own pages, and as their clients' types have them. */
const DOCUMENTED: Readonly<Record<string, z.ZodType>> = {
  summary: z.strictObject({ page, components, incidents, scheduled_maintenances, status }),
  status: z.strictObject({ page, status }),
  components: z.strictObject({ page, components }),
  incidents: z.strictObject({ page, incidents }),
  'incidents/unresolved': z.strictObject({ page, incidents }),
  'scheduled-maintenances': z.strictObject({ page, scheduled_maintenances }),
  'scheduled-maintenances/upcoming': z.strictObject({ page, scheduled_maintenances }),
  'scheduled-maintenances/active': z.strictObject({ page, scheduled_maintenances }),
}

test.each(Object.entries(DOCUMENTED))('%s.json is what Statuspage documents', (name, schema) => {
  expect(schema.safeParse(made()[name]).error).toBeUndefined()
  expect(Object.keys(made())).toEqual(Object.keys(DOCUMENTED))
})

describe('the components', () => {
  test('are the restored systems, with the words of Statuspage', () => {
    const { components, page } = made().components
    expect(components.map((one: Record<string, unknown>) => [one.name, one.status, one.position])).toEqual([
      ['Parts logistics', 'operational', 1],
      ['Wholesale finance', 'partial_outage', 2],
      ['Production schedule', 'major_outage', 3],
    ])
    for (const { id, page_id } of components)
      expect([id, page_id]).toEqual([expect.stringMatching(/^[a-z0-9]{12}$/), page.id])
  })

  test('have the codes that the schema declares', () => {
    const codes = standardCodes(readSchema())
    for (const status of COMPONENT_STATUSES)
      expect(codes.codeOf('ComponentStatus', status)).toBe(withStatuses(status).components.components[0].status)
  })

  test.each([
    ['none', 'All Systems Operational', ['OPERATIONAL', 'OPERATIONAL', 'OPERATIONAL']],
    ['minor', 'Partially Degraded Service', ['OPERATIONAL', 'DEGRADED_PERFORMANCE', 'OPERATIONAL']],
    ['major', 'Partial System Outage', ['OPERATIONAL', 'PARTIAL_OUTAGE', 'DEGRADED_PERFORMANCE']],
    ['major', 'Partial System Outage', ['OPERATIONAL', 'MAJOR_OUTAGE', 'MAJOR_OUTAGE']],
    ['critical', 'Major System Outage', ['MAJOR_OUTAGE', 'MAJOR_OUTAGE', 'MAJOR_OUTAGE']],
    ['critical', 'Major System Outage', ['UNDER_MAINTENANCE', 'MAJOR_OUTAGE', 'UNDER_MAINTENANCE']],
    ['major', 'Partial System Outage', ['OPERATIONAL', 'OPERATIONAL', 'UNDER_MAINTENANCE']],
    ['major', 'Restart in progress', []],
  ] as const)('make the whole %s: %s', (indicator, description, statuses) => {
    const { status, summary } = withStatuses(...statuses)
    expect(status.status).toEqual({ indicator, description })
    expect(summary.status).toEqual(status.status)
  })

  test('say that nothing is published where nothing is, rather than that all is well', () => {
    const nothing = { updatedAt: null, restart: null, systems: [], sites: [], plannedReopenings: [], updates: [] }
    const { summary } = made(nothing)
    expect(summary).toMatchObject({
      components: [],
      incidents: [],
      scheduled_maintenances: [],
      status: { indicator: 'none', description: 'Nothing is published' },
    })
  })
})

describe('the restart', () => {
  test('is one incident, whose updates are those that are public, newest first', () => {
    const { incidents } = made()['incidents/unresolved']
    expect(incidents).toHaveLength(1)
    const [{ name, status, impact, started_at, incident_updates, components }] = incidents
    expect({ name, status, impact, started_at }).toEqual({
      name: 'Phased restart, INC-2025-0901',
      status: 'monitoring',
      impact: 'critical',
      started_at: '2025-09-02T12:00:00.000Z',
    })
    expect(incident_updates.map((update: Record<string, unknown>) => [update.created_at, update.status])).toEqual([
      ['2025-10-08T05:20:00.000Z', 'monitoring'],
      ['2025-10-07T09:00:00.000Z', 'monitoring'],
      ['2025-09-25T10:00:00.000Z', 'identified'],
      ['2025-09-02T12:00:00.000Z', 'investigating'],
    ])
    expect(incident_updates[0].body).toMatch(/^Where the restart stands this morning\n\nParts can be ordered/)
    expect(incident_updates[0].affected_components).toHaveLength(3)
    expect(incident_updates[3].affected_components).toBeNull()
    expect(components.map((one: { name: string }) => one.name)).toEqual(['Wholesale finance', 'Production schedule'])
  })

  test.each(
    RESTART_PHASES.map(
      (phase, index) => [phase, ['investigating', 'identified', 'monitoring', 'resolved'][index]] as const,
    ),
  )('in %s is %s', (phase, status) => {
    const restart = { incidentReference: 'INC-1', headline: 'News.', nextUpdateBy: null, phase }
    const documents = made({ restart })
    expect(documents.incidents.incidents[0].status).toBe(status)
    expect(documents['incidents/unresolved'].incidents).toHaveLength(status === 'resolved' ? 0 : 1)
    expect(documents.summary.incidents).toHaveLength(status === 'resolved' ? 0 : 1)
    expect(typeof documents.incidents.incidents[0].resolved_at).toBe(status === 'resolved' ? 'string' : 'object')
  })

  test('has neither its name nor its phase where only updates are public', () => {
    const updates = shown.updates.map(update => ({ ...update, phase: null }))
    const { incidents } = made({ restart: null, updates }).incidents
    expect(incidents[0]).toMatchObject({ name: 'Phased restart', status: 'identified', monitoring_at: null })
  })
})

describe('planned reopenings', () => {
  const [planned] = [{ status: 'SCHEDULED' }] as const

  test('are scheduled maintenances, by how far they have come', () => {
    const [first] = shown.plannedReopenings
    if (first === undefined) throw new Error('the story plans no reopening')
    const statuses = ['SCHEDULED', 'IN_PROGRESS', 'VERIFYING', 'COMPLETED', 'WITHDRAWN'] as const
    const plannedReopenings = statuses.map(status => ({ ...first, id: status.toLowerCase(), status }))
    const documents = made({ plannedReopenings })
    const statusesIn = (name: string) =>
      documents[name].scheduled_maintenances.map(({ status }: typeof planned) => status)
    expect(statusesIn('scheduled-maintenances')).toEqual(['scheduled', 'in_progress', 'verifying', 'completed'])
    expect(statusesIn('scheduled-maintenances/upcoming')).toEqual(['scheduled'])
    expect(statusesIn('scheduled-maintenances/active')).toEqual(['in_progress', 'verifying'])
    expect(statusesIn('summary')).toEqual(['in_progress', 'verifying', 'scheduled'])
  })

  test('name what opens, when, and under which conditions', () => {
    const { scheduled_maintenances } = made()['scheduled-maintenances/upcoming']
    const schedule = scheduled_maintenances.find(({ name }: { name: string }) => name.endsWith('Production schedule'))
    expect(schedule).toMatchObject({
      name: 'Reopening of Production schedule',
      impact: 'maintenance',
      scheduled_for: '2025-10-09T06:00:00.000Z',
      scheduled_until: '2025-10-09T10:00:00.000Z',
      components: [{ name: 'Production schedule' }],
    })
    expect(schedule.incident_updates[0].body).toMatch(/^Two days of restart plan agree/)
  })
})

test('ids are the same for the same page, and others for another', () => {
  expect(made()).toEqual(made())
  const idsOf = (documents: object) => new Set(JSON.stringify(documents).match(/"id":"[a-z0-9]{12}"/g))
  const other = idsOf(statuspageDocuments(shown, { ...PAGE, url: 'https://other.example' }))
  expect([...idsOf(made())].filter(id => other.has(id))).toEqual([])
  expect(idsOf(made()).size).toBe(1 + 3 + 1 + 4 + 2 * 3)
})
