import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PUBLIC_FACETS } from '../../../src/recovery/state.ts'
import { marked, placesIn } from '../../status/canaries.ts'
import { DOCUMENT_PATHS, type PublishedGateway, startPublishedGateway } from './published.ts'

let gateway: PublishedGateway
beforeAll(async () => {
  gateway = await startPublishedGateway()
})
afterAll(() => gateway.close())

/** The body as it comes over the wire. */
const coded = (path: string, coding: string) =>
  new Promise<{ readonly coding: string | undefined; readonly body: Buffer }>((resolve, reject) => {
    request(`${gateway.url}${path}`, { headers: { 'accept-encoding': coding } }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ coding: response.headers['content-encoding'], body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end()
  })

describe('what is public', () => {
  test.each(DOCUMENT_PATHS)('is given at %s to anybody, to keep as long as it is the same', async path => {
    const answer = await gateway.get(path)
    expect(answer.status).toBe(200)
    const headers = Object.fromEntries(answer.headers)
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=0, must-revalidate',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': path.endsWith('.atom')
        ? 'application/atom+xml; charset=utf-8'
        : 'application/json; charset=utf-8',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
    const same = await gateway.get(path, { 'if-none-match': headers.etag ?? '' })
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', headers.etag])
    const head = await gateway.get(path, {}, 'HEAD')
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', headers.etag])
    expect(Number(head.headers.get('content-length'))).toBe(Buffer.byteLength(await answer.text()))
  })

  test.each(DOCUMENT_PATHS)('at %s is changed by nobody, and is the same with a token', async path => {
    const answers = await Promise.all(['POST', 'PUT', 'DELETE'].map(method => gateway.get(path, {}, method)))
    for (const { status, headers } of answers) expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const token = await gateway.issuer.sign({
      clientId: 'sample-retailer',
      scopes: ['restart:read'],
      lifetimeSeconds: 60,
    })
    const [own, anybody] = await Promise.all([
      gateway.get(path, { authorization: `Bearer ${token}` }),
      gateway.get(path),
    ])
    expect([own.headers.get('etag'), await own.text()]).toEqual([anybody.headers.get('etag'), await anybody.text()])
  })

  test('is nothing else of the whole state, in any byte of any document', async () => {
    const before = gateway.recovery.current().state
    const canaries = marked({ ...before, publicFacets: PUBLIC_FACETS })
    // The gate looks sites up by their names, and names stay.
    gateway.recovery.declare({ ...canaries.state, partners: before.partners, revoked: before.revoked })
    const bodies = await Promise.all(DOCUMENT_PATHS.map(async path => (await gateway.get(path)).text()))
    const found = placesIn(bodies.join('\n'), canaries)
    const secret =
      /transitions|attestations|evidence|intrusion|restoration|containment|indicators|contact|suspension|signedBy|objectives|disruptedAt|distrusted|priority|partners|revoked|head|statement|token/
    expect(found.filter(place => secret.test(place) && place !== 'headline')).toEqual([])
    expect(found).toContain('headline')
    expect([...canaries.places.values()].filter(place => secret.test(place)).length).toBeGreaterThan(50)
    for (const entry of before.partners.values()) expect(bodies.join('\n')).not.toContain(entry.entry.bpnl)
    gateway.recovery.declare(before)
  })

  test('follows the state at once, under another tag', async () => {
    const before = gateway.recovery.current().state
    const first = await gateway.get('/status/view')
    gateway.recovery.declare({ ...before, headline: 'Everything is open.' })
    const second = await gateway.get('/status/view', { 'if-none-match': first.headers.get('etag') ?? '' })
    expect(second.status).toBe(200)
    expect((await second.json()).restartStatus.headline).toBe('Everything is open.')
    gateway.recovery.declare(before)
  })

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('comes in %s to whoever asks for it again', async (coding, decompress) => {
    const plain = await (await gateway.get('/status/view', { 'accept-encoding': 'identity' })).text()
    let answer = await coded('/status/view', coding)
    for (let tries = 0; tries < 50 && answer.coding === undefined; tries++) answer = await coded('/status/view', coding)
    expect(answer.coding).toBe(coding)
    expect(decompress(answer.body).toString()).toBe(plain)
    expect(answer.body.length).toBeLessThan(plain.length / 2)
  })

  test('is of the listener, where no other address is configured', async () => {
    const { page } = await (await gateway.get('/api/v2/status.json', { host: 'evil.example' })).json()
    expect(page.url).toBe(gateway.url)
  })

  test('leaves a line for each request in the access log, under its route', async () => {
    gateway.logged.length = 0
    await (await gateway.get('/api/v2/summary.json?x=1')).text()
    const lines = gateway.logged.filter(({ route }) => route === '/api/v2/summary.json')
    expect(lines).toMatchObject([{ method: 'GET', status: 200, decision: 'LIVE', origin: null }])
  })
})

/** Fields and their fields, whatever stands in them; a list as its first entry. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (value === null || typeof value !== 'object') return 'value'
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, shapeOf(member)]),
  )
}

test('the view has the shape in which a partner gets its own from the graph', async () => {
  const query = `query StatusPage {
    restartStatus {
      incidentReference headline phase updatedAt nextUpdateBy
      systems { key name lifecycle componentStatus since nextUpdateBy answersViewer
                provenance { asOf reconciledThrough gapFrom gapUntil }
                objectives { recoveryTimeObjective }
                backlog { name measuredAt open clearedLast24h oldest estimatedClearDate history { measuredAt open } }
                knownLimitations workaround contact }
      sites { site { bpns name type country } shop status restartDate note }
      plannedReopenings { id system site { bpns name } waves scheduledFor scheduledUntil status conditions }
      updates(first: 20) { edges { node { id publishedAt title body affects } } }
    }
  }`
  const { data } = (await gateway.ask('sample-retailer', { query })).body
  const { viewer, restartStatus } = await (await gateway.get('/status/view')).json()
  expect(viewer).toBeNull()
  const [system] = data.restartStatus.systems
  // What only partners are told is null.
  const expected = { ...data.restartStatus, systems: [{ ...system, objectives: null }] }
  expect(
    restartStatus.systems.map(({ answersViewer, objectives, contact }: never) => [answersViewer, objectives, contact]),
  ).toEqual(Array.from({ length: 3 }, () => [null, null, null]))
  const planned = [...expected.plannedReopenings, ...restartStatus.plannedReopenings].filter(
    ({ site }) => site !== null,
  )
  expect(planned.length).toBeGreaterThan(1)
  const comparable = (status: typeof restartStatus) => ({
    ...status,
    plannedReopenings: status.plannedReopenings
      .filter(({ site }: { site: unknown }) => site !== null)
      .map((one: object) => ({ ...one, waves: null })),
  })
  expect(shapeOf(comparable(restartStatus))).toEqual(shapeOf(comparable(expected)))
  for (const member of ['headline', 'phase', 'nextUpdateBy', 'sites'])
    expect(restartStatus[member]).toEqual(data.restartStatus[member])
})

test('a system whose reopening is under way is under maintenance, to the public as to partners', async () => {
  const { state } = gateway.recovery.current()
  const recordedAt = new Date().toISOString()
  gateway.recovery.declare({
    ...state,
    plannedReopenings: [...state.plannedReopenings, { ...REOPENING, recordedAt }],
  })
  const query = '{ restartStatus { systems { componentStatus } } }'
  const { data } = (await gateway.ask('sample-retailer', { query })).body
  const { components } = await (await gateway.get('/api/v2/components.json')).json()
  const given = data.restartStatus.systems.map(({ componentStatus }: { componentStatus: string }) => componentStatus)
  expect(given).toEqual(['OPERATIONAL', 'PARTIAL_OUTAGE', 'UNDER_MAINTENANCE'])
  expect(components.map(({ status }: { status: string }) => status.toUpperCase())).toEqual(given)
  gateway.recovery.declare(state)
})

const REOPENING = {
  id: 'schedule-for-all',
  system: 'PRODUCTION_SCHEDULE',
  bpns: null,
  waves: [],
  scheduledFor: '2025-10-09T06:00:00.000Z',
  scheduledUntil: null,
  status: 'IN_PROGRESS',
  conditions: 'Two attestations.',
} as const
