import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseSiteDirectory } from '../../src/config/site-directory.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import type { SiteDirectory } from '../../src/model/directory.ts'
import { type PlannedReopening, PUBLIC_FACETS, type PublicFacet, type RecoveryState } from '../../src/recovery/state.ts'
import { atomFeed } from '../../src/status/atom.ts'
import { type PublicKnowledge, publicStateOf } from '../../src/status/public-state.ts'
import { createPublicView } from '../../src/status/public-view.ts'
import { statuspageDocuments } from '../../src/status/statuspage.ts'
import { storyState } from '../support/story-state.ts'
import { type Marked, marked, placesIn } from './canaries.ts'

const PAGE = { url: 'https://status.example', name: 'Restart status' }
const AS_OF = '2025-10-08T05:29:59.000Z'
const ALL: readonly PublicFacet[] = PUBLIC_FACETS

let state: RecoveryState
let sites: SiteDirectory
let knowledge: PublicKnowledge
beforeAll(async () => {
  state = await storyState()
  const file = new URL('../../demo/directory/sites.yaml', import.meta.url).pathname
  sites = parseSiteDirectory(await readYaml(file), file)
  knowledge = { sites, lastAsOf: () => AS_OF, isDegraded: () => false }
})

const shown = (change: Partial<RecoveryState> = {}) => publicStateOf({ ...state, ...change }, knowledge)

/** Every document that is made for the public. */
function documents(of: RecoveryState): string {
  const made = publicStateOf(of, knowledge)
  return [
    JSON.stringify(createPublicView(made)),
    JSON.stringify(statuspageDocuments(made, PAGE)),
    atomFeed(made, PAGE, '/feed.atom'),
  ].join('\n')
}

/** What each mark makes public, and nothing else in the whole state. */
const OF_FACET: Readonly<Record<PublicFacet, readonly string[]>> = {
  RESTART: ['incidentReference', 'headline', 'nextUpdateBy'],
  SYSTEMS: ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'].flatMap(key =>
    ['name', 'since', 'nextUpdateBy', 'knownLimitations[]', 'workaround'].map(member => `systems.${key}.${member}`),
  ),
  SITES: ['sites[].note', 'sites[].recordedAt'],
  PLANNED_REOPENINGS: ['id', 'scheduledFor', 'scheduledUntil', 'conditions', 'recordedAt'].map(
    member => `plannedReopenings[].${member}`,
  ),
  BACKLOGS: ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'].flatMap(key =>
    ['name', 'measuredAt', 'oldest', 'history[].measuredAt'].map(member => `systems.${key}.backlog[].${member}`),
  ),
}
/** What may be missing stands beside what a system answers: of those that answer anybody. */
const OF_OPEN_SYSTEMS = ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'].flatMap(key =>
  ['reconciledThrough', 'gap.from', 'gap.until'].map(member => `systems.${key}.${member}`),
)
const OF_UPDATES = ['id', 'publishedAt', 'title', 'body'].map(member => `updates[].${member}`)

describe('nothing of the restart is public', () => {
  test('at first, and as long as no statement says so', () => {
    const unsaid = { publicFacets: [], updates: state.updates.map(update => ({ ...update, isPublic: false })) }
    expect(shown(unsaid)).toEqual({
      updatedAt: null,
      restart: null,
      systems: [],
      sites: [],
      plannedReopenings: [],
      updates: [],
    })
    const canaries = marked({ ...state, ...unsaid })
    expect(placesIn(documents(canaries.state), canaries)).toEqual([])
  })

  test('beyond what is marked, whatever is marked', () => {
    const facets = fc.subarray([...PUBLIC_FACETS])
    const flags = fc.infiniteStream(fc.boolean())
    fc.assert(
      fc.property(facets, flags, (publicFacets, isPublic) => {
        const updates = state.updates.map(update => ({ ...update, isPublic: isPublic.next().value ?? false }))
        const canaries = marked({ ...state, publicFacets, updates })
        const found = placesIn(documents(canaries.state), canaries)
        const allowed = new Set(placesFor(publicFacets, canaries))
        expect(found.filter(place => !allowed.has(place))).toEqual([])
        for (const { isPublic, title, body } of canaries.state.updates)
          expect([title, body].map(text => documents(canaries.state).includes(text))).toEqual([isPublic, isPublic])
      }),
      { numRuns: 60 },
    )
  })

  test('but of what is marked, everything that is meant to be', () => {
    const canaries = marked({ ...state, publicFacets: ALL })
    const expected = placesFor(ALL, canaries).filter(place => [...canaries.places.values()].includes(place))
    const written = placesIn(documents(canaries.state), canaries)
    // When a site or a reopening was recorded shows only where it is the latest of all.
    expect(expected.filter(place => !written.includes(place) && place !== 'sites[].recordedAt')).toEqual([])
    expect(written.length).toBeGreaterThan(30)
  })

  test('of a partner, in any case', () => {
    const canaries = marked({ ...state, publicFacets: ALL })
    expect(documents(canaries.state)).not.toMatch(/BPNL/)
    expect([...canaries.places.values()].filter(place => place.startsWith('partners')).length).toBeGreaterThan(3)
  })
})

function placesFor(facets: readonly PublicFacet[], { state }: Marked): readonly string[] {
  return [
    ...facets.filter(facet => facet !== 'BACKLOGS' || facets.includes('SYSTEMS')).flatMap(facet => OF_FACET[facet]),
    ...(facets.includes('SYSTEMS') ? OF_OPEN_SYSTEMS : []),
    ...(state.updates.some(({ isPublic }) => isPublic) ? OF_UPDATES : []),
  ]
}

describe('what is public', () => {
  test('has no reopening that is for some waves only', () => {
    expect(state.plannedReopenings.some(({ waves }) => waves.length > 0)).toBe(true)
    expect(shown().plannedReopenings.map(({ id }) => id)).toEqual(
      state.plannedReopenings.filter(({ waves }) => waves.length === 0).map(({ id }) => id),
    )
  })

  test('says of a closed system no data, and of a degraded one that it is', () => {
    const degraded = publicStateOf(state, { ...knowledge, isDegraded: key => key === 'PARTS_LOGISTICS' })
    expect(
      degraded.systems.map(({ key, componentStatus, provenance }) => [key, componentStatus, provenance?.asOf]),
    ).toEqual([
      ['PARTS_LOGISTICS', 'DEGRADED_PERFORMANCE', AS_OF],
      ['WHOLESALE_FINANCE', 'PARTIAL_OUTAGE', AS_OF],
      ['PRODUCTION_SCHEDULE', 'MAJOR_OUTAGE', undefined],
    ])
  })

  test('says of a closed system whose reopening is under way that it is, as far as that is public', () => {
    const statusOf = (change: Partial<RecoveryState>) => shown(change).systems.at(-1)?.componentStatus
    const reopening = (change: Partial<PlannedReopening>) => ({
      plannedReopenings: state.plannedReopenings
        .slice(0, 1)
        .map(planned => ({ ...planned, system: 'PRODUCTION_SCHEDULE' as const, bpns: null, waves: [], ...change })),
    })
    expect(statusOf(reopening({ status: 'IN_PROGRESS' }))).toBe('UNDER_MAINTENANCE')
    expect(statusOf(reopening({ status: 'VERIFYING' }))).toBe('UNDER_MAINTENANCE')
    for (const status of ['SCHEDULED', 'COMPLETED', 'WITHDRAWN'] as const)
      expect(statusOf(reopening({ status }))).toBe('MAJOR_OUTAGE')
    expect(statusOf(reopening({ status: 'IN_PROGRESS', waves: [1] }))).toBe('MAJOR_OUTAGE')
    const unannounced = PUBLIC_FACETS.filter(facet => facet !== 'PLANNED_REOPENINGS')
    expect(statusOf({ ...reopening({ status: 'IN_PROGRESS' }), publicFacets: unannounced })).toBe('MAJOR_OUTAGE')
  })

  test('leaves out a site that the directory does not have', () => {
    const unknown = publicStateOf(state, { ...knowledge, sites: new Map() })
    expect(unknown.sites).toEqual([])
    expect(unknown.plannedReopenings.length).toBe(shown().plannedReopenings.length)
  })

  test('shows the twenty newest updates', () => {
    const [update] = state.updates
    if (update === undefined) throw new Error('the story has no update')
    const updates = Array.from({ length: 30 }, (_, index) => ({ ...update, id: `u-${index}`, isPublic: true }))
    expect(shown({ updates }).updates.map(({ id }) => id)).toEqual(updates.slice(0, 20).map(({ id }) => id))
  })

  test('is as old as the latest of what is shown, and does not tell of anything else', () => {
    expect(shown().updatedAt).toBe('2025-10-08T05:20:00.000Z')
    const later = { updatedAt: '2025-10-08T05:29:00.000Z', headline: 'Not for everybody.' }
    expect(shown({ ...later, publicFacets: [] }).updatedAt).toBe('2025-10-08T05:20:00.000Z')
    expect(shown({ ...later, publicFacets: [] })).toEqual(shown({ publicFacets: [] }))
  })
})
