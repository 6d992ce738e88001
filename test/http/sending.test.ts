import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SECURITY_HEADERS } from '../../src/http/security-headers.ts'
import { sendFinished } from '../../src/http/sending.ts'
import type { ContentCoding, FinishedAnswer } from '../../src/responses/finished-answer.ts'
import { converse, type Edge, startEdge, TOKEN } from './edge.ts'

const NOW_MS = Date.parse('2025-10-07T09:00:00.000Z')
const ETAG = 'W/"tag-of_the-body"'
const JSON_TYPE = 'application/json; charset=utf-8'

const coded: Readonly<Partial<Record<ContentCoding, Buffer>>> = { gzip: Buffer.from('zipped') }
const ANSWER: FinishedAnswer = {
  body: Buffer.from('{"data":{"name":"Zürich"}}'),
  etag: ETAG,
  maxAgeSeconds: 30,
  freshUntilMs: NOW_MS + 20_000,
  encoded: coding => coded[coding] ?? null,
}

let answer = ANSWER
let edge: Edge
beforeAll(async () => {
  edge = await startEdge({
    handler: async (request, reply) => {
      reply.raw.setHeader('dpop-nonce', 'n-1')
      return sendFinished(request, reply, answer, { limits: [], nowMs: NOW_MS })
    },
  })
})
afterAll(() => edge.app.close())

function ask(headers: Readonly<Record<string, string>> = {}, method: 'GET' | 'POST' = 'GET', given = ANSWER) {
  answer = given
  const all = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers }
  return edge.app.inject({ method, url: '/graphql', headers: all, ...(method === 'POST' && { payload: '{}' }) })
}

test('the bytes are sent as they are, private, with their age, and under the headers of every answer', async () => {
  const { statusCode, headers, rawPayload } = await ask({}, 'POST')
  expect([statusCode, rawPayload.equals(ANSWER.body)]).toEqual([200, true])
  expect(headers).toMatchObject({
    'content-type': JSON_TYPE,
    'content-length': String(ANSWER.body.length),
    'cache-control': 'private, max-age=30',
    age: '10',
    vary: 'authorization, accept, accept-encoding',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    ...SECURITY_HEADERS,
    'dpop-nonce': 'n-1',
  })
  expect(headers).not.toHaveProperty('content-encoding')
  expect(headers).not.toHaveProperty('etag')
})

test.each([
  [30_000, '0'],
  [29_999, '1'],
  [1, '30'],
  [0, '30'],
  [-5_000, '30'],
  [90_000, '0'],
])('of an answer that is fresh for %i ms more, of 30 s, the age is %s s', async (leftMs, age) => {
  const { headers } = await ask({}, 'GET', { ...ANSWER, freshUntilMs: NOW_MS + leftMs })
  expect(headers.age).toBe(age)
})

test.each([
  ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
  ['application/json', JSON_TYPE],
  ['*/*', JSON_TYPE],
])('who accepts %s gets the bytes as %s', async (accept, expected) => {
  expect((await ask({ accept })).headers['content-type']).toBe(expected)
})

describe('a coded body', () => {
  test('is sent to who prefers its coding', async () => {
    const { headers, rawPayload } = await ask({ 'accept-encoding': 'gzip' })
    expect([headers['content-encoding'], headers['content-length']]).toEqual(['gzip', '6'])
    expect(rawPayload.toString()).toBe('zipped')
  })

  test.each(['br', 'identity', 'gzip;q=0', ''])(
    'is not sent where Accept-Encoding is %j and there is none so far',
    async header => {
      const { headers, rawPayload } = await ask({ 'accept-encoding': header })
      expect([headers['content-encoding'], rawPayload.equals(ANSWER.body)]).toEqual([undefined, true])
    },
  )
})

describe('If-None-Match', () => {
  test.each([ETAG, '"tag-of_the-body"', '*', ' * ', `"other", ${ETAG}`, `W/"a,b",${ETAG} , "c"`])(
    'of %j spares the body',
    async header => {
      const { statusCode, headers, body } = await ask({ 'if-none-match': header, 'accept-encoding': 'gzip' })
      expect([statusCode, body]).toEqual([304, ''])
      expect(headers).toMatchObject({
        etag: ETAG,
        'cache-control': 'private, max-age=30',
        vary: 'authorization, accept, accept-encoding',
        age: '10',
        ...SECURITY_HEADERS,
        'dpop-nonce': 'n-1',
      })
      for (const name of ['content-type', 'content-length', 'content-encoding'])
        expect(headers).not.toHaveProperty(name)
    },
  )

  test.each(['"other"', 'tag-of_the-body', '', '"tag-of_the-body', '"*"', 'W/"xtag-of_the-body"'])(
    'of %j does not',
    async header => {
      const { statusCode, headers } = await ask({ 'if-none-match': header })
      expect([statusCode, headers.etag]).toEqual([200, ETAG])
    },
  )

  test('says nothing about a POST', async () =>
    expect((await ask({ 'if-none-match': '*' }, 'POST')).statusCode).toBe(200))
})

test('HEAD is not served', async () => {
  const { statusCode } = await edge.app.inject({
    method: 'HEAD',
    url: '/graphql',
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(statusCode).toBe(405)
})

test('it leaves its line in the log, with what the route says of it, and the connection open for the next', async () => {
  const logged = await startEdge({
    listen: true,
    handler: async (request, reply) => {
      Object.assign(request.audit, { operation: 'Enquiry', cost: 805, answer: 'HIT' })
      return sendFinished(request, reply, ANSWER, { limits: [], nowMs: NOW_MS })
    },
  })
  const request = `GET /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\n`
  const said = await converse(logged.port, `${request}\r\n${request}Connection: close\r\n\r\n`).closed
  expect(said.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2)
  await logged.app.close()
  expect(logged.lines).toHaveLength(2)
  expect(logged.lines[0]).toEqual({
    level: 'info',
    time: expect.any(String),
    requestId: expect.any(String),
    method: 'GET',
    route: '/graphql',
    status: 200,
    durationMs: expect.any(Number),
    bytes: ANSWER.body.length,
    answered: true,
    partner: 'BPNL00000000RT01',
    client: 'retailer',
    operation: 'Enquiry',
    cost: 805,
    answer: 'HIT',
    decision: 'CACHED',
    origin: null,
    ageSeconds: 10,
    maxAgeSeconds: 30,
    message: 'request',
  })
})

test('one that is sent while the server drains ends its connection', async () => {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const slow = await startEdge({
    listen: true,
    handler: async (request, reply) => {
      arrive()
      await gate
      return sendFinished(request, reply, ANSWER, { limits: [], nowMs: NOW_MS })
    },
  })
  const { closed } = converse(slow.port, `GET /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
  await arrived
  const drained = slow.app.drain()
  letGo()
  await drained
  expect(await closed).toMatch(/HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*Zürich/)
  await slow.app.close()
})
