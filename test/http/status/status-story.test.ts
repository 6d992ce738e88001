import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type StoryGateway, startStoryGateway } from '../../support/story-gateway.ts'
import { eventsOf } from './published.ts'

/** What is public follows from signed statements alone: on a real journal, over a real socket. */

let gateway: StoryGateway
let url = ''
beforeAll(async () => {
  gateway = await startStoryGateway()
  await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(gateway.app.partners.server.address() as AddressInfo).port}`
})
afterAll(() => gateway.close())

const read = async (path: string) => (await fetch(`${url}${path}`)).text()
const publish = (name: string, change: object) =>
  gateway.submit('COMMUNICATIONS_LEAD', 'restart-update', {
    sub: `urn:restart-update:${name}`,
    published_at: new Date().toISOString(),
    title: `The title of ${name}`,
    body: `The text of ${name}.`,
    ...change,
  })

test('the embedded default has a public page that is worth looking at', async () => {
  const { restartStatus } = JSON.parse(await read('/status/view'))
  const { systems, sites, plannedReopenings, updates } = restartStatus
  expect(restartStatus.phase).toBe('RESILIENCE_AND_RECOVERY')
  expect(systems.map(({ backlog }: { backlog: unknown[] }) => backlog.length)).toEqual([2, 3, 1])
  expect([sites.length > 5, plannedReopenings.length, updates.edges.length]).toEqual([true, 3, 4])
})

test('an update reaches the public only where it says so, and then every document and stream', async () => {
  const hangUp = new AbortController()
  const events = eventsOf(await fetch(`${url}/status/events`, { signal: hangUp.signal }))
  await events.next()
  await publish('for-partners', {})
  await publish('for-everybody', { public: true })
  expect((await events.next()).value).toMatchObject({ event: 'view' })
  for (const path of ['/status/view', '/feed.atom', '/api/v2/incidents.json', '/api/v2/summary.json']) {
    const text = await read(path)
    expect([path, text.includes('The text of for-everybody.')]).toEqual([path, true])
    expect([path, text.includes('for-partners')]).toEqual([path, false])
  }
  hangUp.abort()
})

test('what a statement takes back is public no more, at once', async () => {
  expect(await read('/api/v2/summary.json')).toContain('Parts logistics')
  await publish('no-more', { public_facets: ['RESTART'] })
  expect(JSON.parse(await read('/api/v2/summary.json')).components).toEqual([])
  const { restartStatus } = JSON.parse(await read('/status/view'))
  expect([restartStatus.systems, restartStatus.sites, restartStatus.plannedReopenings]).toEqual([[], [], []])
  expect(restartStatus.incidentReference).toBe('INC-2025-0901')
})

test('an update for some partners cannot be made public', async () => {
  await expect(publish('for-suppliers', { public: true, audience: ['SUPPLIER'] })).rejects.toMatchObject({
    code: 'INVALID_CLAIMS',
  })
})
