import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tellSampleStory } from '../../src/commands/embedded.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import { systemClock } from '../../src/model/clock.ts'
import { eventsOf } from '../http/status/published.ts'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'

/** The embedded default as it runs: nothing declared, everything signed. */

let gateway: StoryGateway
beforeAll(async () => {
  gateway = await startStoryGateway()
})
afterAll(() => gateway.close())

const DEMANDS = '{ materialDemands(first: 1) { edges { node { day } } provenance { gapFrom } } }'
const SCHEDULE = 'urn:restored-system:production-schedule'

describe('after the first start', () => {
  test('partners are answered as the story has it: by lifecycle, by wave, and not at all where disabled', async () => {
    const vehicles = '{ vehicleWholesales(first: 1) { edges { node { vin } } } }'
    const first = await gateway.ask('sample-retailer', { query: vehicles })
    expect(first.body.data.vehicleWholesales.edges).toHaveLength(1)
    const second = await gateway.ask('retailer-0002', { query: vehicles })
    expect(second.body.errors[0].extensions).toMatchObject({ code: 'SYSTEM_NOT_OPEN', lifecycle: 'LIMITED_OPEN' })
    const supplier = await gateway.ask('sample-supplier', { query: DEMANDS })
    expect(supplier.body.errors[0].extensions).toMatchObject({ code: 'SYSTEM_NOT_OPEN', lifecycle: 'VERIFIED' })
    expect((await gateway.ask('retailer-0040', { query: vehicles })).status).toBe(403)
  })

  test('the story is told once: the next start has nothing to add', async () => {
    const said: string[] = []
    const { sequence } = gateway.restart.health()
    await tellSampleStory(gateway.app, gateway.config, { clock: systemClock, progress: text => said.push(text) })
    expect([said, gateway.restart.health().sequence]).toEqual([[], sequence])
  })

  test('attested are the sums that the systems give, so that no later look finds a difference', async () => {
    for (const system of ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] as const) {
      const attested = gateway.restart.attestations(system).map(({ totals }) => totals)
      const { totals } = await gateway.app.examine(system, Object.keys(attested[0] ?? {}))
      expect(Object.keys(totals)).toHaveLength(3)
      expect(attested).toMatchObject([totals, totals])
    }
  })
})

test('the first step of the reader: signed and handed in, and the very next question of a supplier is answered', async () => {
  const facts = (await readYaml(fileURLToPath(new URL('../../demo/opening.yaml', import.meta.url)))) as object
  const { guards } = await gateway.submit('RECOVERY_LEAD', 'lifecycle-transition', {
    sub: SCHEDULE,
    from: 'VERIFIED',
    to: 'LIMITED_OPEN',
    waves: [1],
    ...facts,
  })
  expect(guards.map(({ outcome }) => outcome)).toEqual(guards.map(() => 'PASSED'))
  const answer = await gateway.ask('sample-supplier', { query: DEMANDS })
  expect(answer.body.data.materialDemands.edges).toHaveLength(1)
  expect(answer.body.data.materialDemands.provenance.gapFrom).toBe('2025-08-29T20:00:00.000Z')
})

describe('what is public', () => {
  let url = ''
  beforeAll(async () => {
    await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(gateway.app.partners.server.address() as AddressInfo).port}`
  })
  const read = async (path: string) => (await fetch(`${url}${path}`)).text()
  const publish = (name: string, change: object) =>
    gateway.submit('COMMUNICATIONS_LEAD', 'restart-update', {
      sub: `urn:restart-update:${name}`,
      published_at: new Date().toISOString(),
      title: `The title of ${name}`,
      body: `The text of ${name}.`,
      ...change,
    })

  test('is enough for a page that is worth looking at', async () => {
    const { restartStatus } = JSON.parse(await read('/status/view'))
    const { phase, systems, sites, plannedReopenings, updates } = restartStatus
    expect(systems.map(({ backlog }: { backlog: unknown[] }) => backlog.length)).toEqual([2, 3, 1])
    expect([phase, sites.length > 5, plannedReopenings.length, updates.edges.length]).toEqual([
      'RESILIENCE_AND_RECOVERY',
      true,
      3,
      4,
    ])
  })

  test('is an update that says so, in every document and for every stream, and no other', async () => {
    const hangUp = new AbortController()
    const events = eventsOf(await fetch(`${url}/status/events`, { signal: hangUp.signal }))
    await events.next()
    await publish('for-partners', {})
    await publish('for-everybody', { public: true })
    expect((await events.next()).value).toMatchObject({ event: 'view' })
    hangUp.abort()
    for (const path of ['/status/view', '/feed.atom', '/api/v2/incidents.json', '/api/v2/summary.json']) {
      const text = await read(path)
      const shown = ['for-everybody', 'for-partners'].map(name => text.includes(`The text of ${name}.`))
      expect([path, shown]).toEqual([path, [true, false]])
    }
  })

  test('is at once no more what a statement takes back', async () => {
    expect(await read('/api/v2/summary.json')).toContain('Parts logistics')
    await publish('no-more', { public_facets: ['RESTART'] })
    expect(JSON.parse(await read('/api/v2/summary.json')).components).toEqual([])
    const { restartStatus } = JSON.parse(await read('/status/view'))
    expect([restartStatus.systems, restartStatus.sites, restartStatus.plannedReopenings]).toEqual([[], [], []])
    expect(restartStatus.incidentReference).toBe('INC-2025-0901')
  })
})
