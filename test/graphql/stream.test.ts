import { afterEach, describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import type { RestartUpdate } from '../../src/recovery/state.ts'
import { declaredState } from '../support/declared-recovery.ts'
import {
  ask,
  NOW_MS,
  partner,
  refusalOf,
  type StreamServer,
  type StreamServerOptions,
  SYSTEMS,
  startStreamServer,
  UPDATES,
} from './stream-server.ts'

const servers: StreamServer[] = []
async function start(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await startStreamServer(options)
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const CLOSED = { PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } } as const
const update = (id: string, change: Partial<RestartUpdate> = {}): RestartUpdate => ({
  id,
  publishedAt: '2025-10-07T09:00:00.000Z',
  audience: [],
  isPublic: false,
  phase: 'RESILIENCE_AND_RECOVERY',
  title: `Update ${id}`,
  body: 'More to come.',
  affects: [],
  ...change,
})
/** The state with these updates; the partners stay. */
const publish = ({ recovery }: StreamServer, ...updates: readonly RestartUpdate[]) =>
  recovery.declare({ ...recovery.current().state, updates })
const declare = ({ recovery }: StreamServer, systems: Parameters<typeof declaredState>[0]) =>
  recovery.declare(declaredState(systems, { partners: recovery.current().state.partners }))

describe('a subscriber', () => {
  test('is told of every system whose state has changed, as it is now', async () => {
    const server = await start()
    const client = await ask(server.port, SYSTEMS)
    expect([client.status, client.headers['content-type'], client.headers['cache-control']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
    ])
    declare(server, { ...CLOSED, WHOLESALE_FINANCE: { lifecycle: 'NORMAL_OPERATION' } })
    expect([await client.next(), await client.next()]).toEqual([
      {
        event: 'next',
        data: {
          data: { restoredSystemChanged: { key: 'PARTS_LOGISTICS', lifecycle: 'SUSPENDED', answersViewer: false } },
        },
      },
      {
        event: 'next',
        data: {
          data: {
            restoredSystemChanged: { key: 'WHOLESALE_FINANCE', lifecycle: 'NORMAL_OPERATION', answersViewer: true },
          },
        },
      },
    ])
  })

  test('may ask by GET, with variables in the URL', async () => {
    const server = await start()
    const query = 'subscription S($yes: Boolean!) { restoredSystemChanged { key lifecycle @include(if: $yes) } }'
    const parameters = new URLSearchParams({ query, operationName: 'S', variables: '{"yes":false}' })
    const client = await ask(server.port, '', { method: 'GET', path: `/graphql/stream?${parameters}` })
    declare(server, CLOSED)
    expect((await client.next()).data).toEqual({ data: { restoredSystemChanged: { key: 'PARTS_LOGISTICS' } } })
  })

  test('is not told of what partners cannot see', async () => {
    const server = await start()
    const client = await ask(server.port, SYSTEMS)
    declare(server, {
      PARTS_LOGISTICS: { priority: 2, indicators: [{ reportedAt: '2025-10-07T08:00:00.000Z', reference: 'x' }] },
    })
    declare(server, { WHOLESALE_FINANCE: { workaround: 'Call the help desk.' } })
    expect((await client.next()).data.data.restoredSystemChanged.key).toBe('WHOLESALE_FINANCE')
  })

  test('sees by its wave whether a system answers it, as a query would say', async () => {
    const server = await start({ partners: [partner('first', { wave: 1 }), partner('second', { wave: 2 })] })
    const clients = await Promise.all(['first', 'second'].map(client => ask(server.port, SYSTEMS, { client })))
    declare(server, { PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves: [1] } })
    const answers = await Promise.all(clients.map(async client => (await client.next()).data))
    expect(answers.map(({ data }) => data.restoredSystemChanged.answersViewer)).toEqual([true, false])
  })

  test('gets the updates that are meant for its roles or for everybody, oldest first, and no other', async () => {
    const server = await start({ partners: [partner('dms'), partner('portal', { roles: ['SUPPLIER'] })] })
    const retailer = await ask(server.port, UPDATES)
    const supplier = await ask(server.port, UPDATES, { client: 'portal' })
    publish(
      server,
      update('all', { publishedAt: '2025-10-07T10:00:00.000Z' }),
      update('suppliers', { audience: ['SUPPLIER', 'INTERNAL'] }),
      update('retailers', { audience: ['RETAILER'] }),
    )
    const titles = async (client: typeof retailer) =>
      [await client.next(), await client.next()].map(({ data }) => data.data.restartUpdatePublished.title)
    expect(await titles(retailer)).toEqual(['Update retailers', 'Update all'])
    expect(await titles(supplier)).toEqual(['Update suppliers', 'Update all'])
  })

  test('is told of an update once, whatever else changes', async () => {
    const server = await start()
    const client = await ask(server.port, UPDATES)
    publish(server, update('a'))
    declare(server, CLOSED)
    publish(server, update('a'))
    publish(server, update('a'), update('b'))
    const ids = []
    for (const _ of [1, 2, 3]) ids.push((await client.next()).data.data.restartUpdatePublished.id)
    // `declare` took the update away, so that it was published anew.
    expect(ids).toEqual(['a', 'a', 'b'])
  })

  test('hears a comment at once, so that it knows that its stream has begun', async () => {
    const server = await start()
    const client = await ask(server.port, SYSTEMS)
    while (!client.text().includes('\n\n')) await new Promise(resolve => client.response.once('data', resolve))
    expect(client.text()).toBe(':\n\n')
  })

  test('keeps its stream while no request could take as long', async () => {
    const server = await start({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 200 } })
    const client = await ask(server.port, SYSTEMS)
    // Past the limit, and past the next look at connections, which Node takes once a second.
    await new Promise(resolve => setTimeout(resolve, 1_600))
    declare(server, CLOSED)
    expect((await client.next()).event).toBe('next')
  })

  test('sees full evidence with the scope for it', async () => {
    const server = await start({ partners: [partner('inside', { scopes: ['restart:read', 'evidence:read'] })] })
    const query =
      'subscription { restoredSystemChanged { evidence { kind outcome attestedAt attestedBy statementDigest } suspension { cause } lastTransition { signedBy { name } } } }'
    const client = await ask(server.port, query, { client: 'inside' })
    declare(server, CLOSED)
    expect((await client.next()).data.data.restoredSystemChanged).toEqual({
      evidence: [
        {
          kind: 'BACKUP_INTEGRITY',
          outcome: 'PASSED',
          attestedAt: '2025-10-01T00:00:00.000Z',
          attestedBy: 'FORENSICS_LEAD',
          statementDigest: 'a'.repeat(64),
        },
      ],
      suspension: null,
      lastTransition: null,
    })
  })

  test("is told of a field's failure in the words of every answer, with the id of its request", async () => {
    const server = await start()
    const client = await ask(server.port, 'subscription { restoredSystemChanged { key provenance { asOf } } }')
    // The server of this test has no systems, so the field that asks for one fails.
    declare(server, { PARTS_LOGISTICS: { lifecycle: 'NORMAL_OPERATION' } })
    expect((await client.next()).data).toEqual({
      data: { restoredSystemChanged: { key: 'PARTS_LOGISTICS', provenance: null } },
      errors: [
        {
          message: 'Something went wrong in the gateway. Quote the request id when you report it.',
          path: ['restoredSystemChanged', 'provenance'],
          extensions: { code: 'INTERNAL', retryable: false, requestId: client.headers['x-request-id'] },
        },
      ],
    })
    expect(server.logged.filter(({ message }) => message === 'a field failed')).toHaveLength(1)
  })
})

describe('a stream ends, said as its last event,', () => {
  const complete = { event: 'complete', data: null }

  test('the moment its partner is disabled, with nothing that happened then', async () => {
    const server = await start()
    const client = await ask(server.port, SYSTEMS)
    server.recovery.grant([partner('dms', { disabled: true })])
    declare(server, CLOSED)
    expect(await client.next()).toEqual(complete)
    await client.closed
    expect(client.text()).not.toContain('event: next')
    expect(await server.endings(1)).toMatchObject([{ why: 'RIGHTS_CHANGED', events: 0, partner: partner('dms').bpnl }])
    expect((await refusalOf(ask(server.port, SYSTEMS))).code).toBe('UNAUTHENTICATED')
  })

  test('when what its partner may do has changed, and no other', async () => {
    const server = await start({ partners: [partner('dms'), partner('other')] })
    const client = await ask(server.port, SYSTEMS)
    const other = await ask(server.port, SYSTEMS, { client: 'other' })
    server.recovery.grant([partner('dms', { wave: 2 }), partner('other')])
    expect(await client.next()).toEqual(complete)
    await client.closed
    declare(server, CLOSED)
    expect((await other.next()).event).toBe('next')
  })

  test('when its token does', async () => {
    const started = Date.now()
    const server = await start({ clock: { now: () => NOW_MS + Date.now() - started }, expiresAtMs: NOW_MS + 400 })
    const client = await ask(server.port, SYSTEMS)
    expect(await client.next()).toEqual(complete)
    await client.closed
    expect(await server.endings(1)).toMatchObject([{ why: 'TOKEN_EXPIRED' }])
  })

  test('when the gateway drains, which does not wait for it', async () => {
    const server = await start()
    const client = await ask(server.port, SYSTEMS)
    await server.drain()
    expect(await client.next()).toEqual(complete)
    await client.closed
    expect(await server.endings(1)).toMatchObject([{ why: 'SHUTTING_DOWN' }])
  })
})

describe('nothing is kept of a stream', () => {
  test('whose client has gone, fifty times over', async () => {
    const server = await start({ maxStreamsPerPartner: 1 })
    for (let count = 1; count <= 50; count++) {
      const client = await ask(server.port, count % 2 ? SYSTEMS : UPDATES)
      expect([client.status, server.listeners()]).toEqual([200, 2])
      client.leave()
      const endings = await server.endings(count)
      expect(endings.at(-1)).toMatchObject({ why: 'CLIENT_LEFT' })
      expect(server.listeners()).toBe(0)
    }
  })

  test('whose client takes nothing: it is cut off, and what waited for it is dropped', async () => {
    const server = await start({ stalledMs: 200 })
    const client = await ask(server.port, UPDATES)
    client.response.pause()
    const body = 'x'.repeat(1_000_000)
    for (let count = 1; count <= 40; count++) {
      publish(server, update(`${count}`, { body }))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await server.endings(1)).toMatchObject([{ why: 'TOO_SLOW' }])
    expect(server.listeners()).toBe(0)
  })

  test('that had more events at once than may wait for it', async () => {
    const server = await start()
    const client = await ask(server.port, UPDATES)
    publish(server, ...Array.from({ length: 102 }, (_, index) => update(`${index}`)))
    await client.closed
    expect(await server.endings(1)).toMatchObject([{ why: 'TOO_SLOW' }])
    expect(server.listeners()).toBe(0)
  })
})

describe('before a stream begins', () => {
  test.each([
    ['a query', '{ restartStatus { headline } }', 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['a mutation', 'mutation { pay }', 400, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'two fields',
      'subscription { restoredSystemChanged { key } restartUpdatePublished { id } }',
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'no field in the end',
      'subscription { restoredSystemChanged @skip(if: true) { key } }',
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['introspection', 'subscription { __typename }', 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a field that is not there', 'subscription { everything }', 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['no GraphQL', 'subscription {', 400, 'GRAPHQL_PARSE_FAILED'],
    [
      'too many tokens',
      `subscription { restoredSystemChanged { ${'key '.repeat(2_100)} } }`,
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      'too many aliases',
      `subscription { restoredSystemChanged { ${Array.from({ length: 60 }, (_, at) => `a${at}: key`).join(' ')} } }`,
      400,
      'DOCUMENT_LIMIT',
    ],
    [
      'a variable that is missing',
      'subscription ($v: Boolean!) { restoredSystemChanged { key @include(if: $v) } }',
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a field whose scope is not held',
      'subscription { restoredSystemChanged { suspension { cause } } }',
      403,
      'FORBIDDEN',
    ],
  ])('%s is refused as any request is, and costs what a refused document does', async (_, query, status, code) => {
    const server = await start()
    const refused = await refusalOf(ask(server.port, query))
    expect([refused.status, refused.code]).toEqual([status, code])
    expect(refused.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(refused.error.extensions.requestId).toBe(refused.headers['x-request-id'])
    expect([server.listeners(), server.spent, server.left('dms')]).toEqual([0, [], 950])
  })

  test('a partner without the scope is refused before anything else is', async () => {
    const server = await start({ partners: [partner('dms', { scopes: [] })] })
    for (const query of [SYSTEMS, UPDATES])
      expect((await refusalOf(ask(server.port, query))).error).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    expect(server.listeners()).toBe(0)
  })

  test('its cost is spent, or refuses it', async () => {
    const server = await start()
    await ask(server.port, SYSTEMS)
    expect(server.spent).toEqual([1])
    const refusal = new GatewayError('RATE_LIMITED', 'Spent.', { details: { retryAfterSeconds: 17.5 } })
    const spent = await start({ spend: () => Promise.reject(refusal) })
    const refused = await refusalOf(ask(spent.port, SYSTEMS))
    expect([refused.status, refused.code, refused.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '18'])
    expect([spent.listeners(), server.left('dms'), spent.left('dms')]).toEqual([0, 1_000, 1_000])
  })

  test('the streams of a partner are counted, all its clients together, and those of nobody else', async () => {
    const both = partner('dms', { clients: ['dms', 'portal'] })
    const server = await start({ partners: [both, partner('other')], maxStreamsPerPartner: 2 })
    const first = await ask(server.port, SYSTEMS)
    await ask(server.port, SYSTEMS, { client: 'portal' })
    const refused = await refusalOf(ask(server.port, SYSTEMS))
    expect([refused.status, refused.code, refused.headers['retry-after']]).toEqual([
      429,
      'RATE_LIMITED',
      expect.stringMatching(/^[234]\d$/),
    ])
    expect((await ask(server.port, SYSTEMS, { client: 'other' })).status).toBe(200)
    first.leave()
    await server.endings(1)
    expect((await ask(server.port, SYSTEMS)).status).toBe(200)
  })

  test('a refused operation leaves its place to the next', async () => {
    const server = await start({ maxStreamsPerPartner: 1 })
    for (const _ of [1, 2, 3]) expect((await refusalOf(ask(server.port, '{ viewer { scopes } }'))).status).toBe(400)
    expect((await ask(server.port, SYSTEMS)).status).toBe(200)
  })

  test.each([
    ['no token', { headers: { authorization: '' } }, 401, 'UNAUTHENTICATED'],
    ['an Accept of JSON alone', { headers: { accept: 'application/json' } }, 406, 'NOT_ACCEPTABLE'],
    ['an Accept that excludes events', { headers: { accept: 'text/event-stream;q=0, */*' } }, 406, 'NOT_ACCEPTABLE'],
    ['another body', { headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body that is no JSON', { body: '{' }, 400, 'BAD_REQUEST'],
    ['no query', { body: {} }, 400, 'BAD_REQUEST'],
    ['a query that is no text', { body: { query: ['subscription'] } }, 400, 'BAD_REQUEST'],
    ['variables that are a list', { body: { query: SYSTEMS, variables: [] } }, 400, 'BAD_REQUEST'],
    [
      'variables that are no JSON',
      { method: 'GET', path: '/graphql/stream?query=x&variables=%7B' },
      400,
      'BAD_REQUEST',
    ],
    ['two queries', { method: 'GET', path: '/graphql/stream?query=x&query=y' }, 400, 'BAD_REQUEST'],
    ['a stream to be reserved', { method: 'PUT' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'an operation to be ended',
      { method: 'DELETE', path: '/graphql/stream?operationId=1' },
      405,
      'METHOD_NOT_ALLOWED',
    ],
    ['a reserved stream in a header', { headers: { 'x-graphql-event-stream-token': 'a' } }, 400, 'BAD_REQUEST'],
    ['a reserved stream in the URL', { path: '/graphql/stream?token=a' }, 400, 'BAD_REQUEST'],
  ] as const)('%s is refused', async (_, asking, status, code) => {
    const server = await start()
    const refused = await refusalOf(ask(server.port, SYSTEMS, asking))
    expect([refused.status, refused.code]).toEqual([status, code])
    expect(server.listeners()).toBe(0)
  })
})

test('a stream has a line when it began and one when it ended, with whose it was, what it was and why it ended', async () => {
  const server = await start()
  const client = await ask(server.port, SYSTEMS.replace('subscription', 'subscription Follow'))
  declare(server, CLOSED)
  await client.next()
  client.leave()
  await server.endings(1)
  const fields = {
    requestId: client.headers['x-request-id'],
    partner: partner('dms').bpnl,
    operation: 'Follow',
    cost: 1,
  }
  expect(server.logged.filter(({ stream }) => stream !== undefined)).toMatchObject([
    { ...fields, stream: 'BEGAN' },
    { ...fields, stream: 'ENDED', why: 'CLIENT_LEFT', events: 1, durationMs: expect.any(Number) },
  ])
})
