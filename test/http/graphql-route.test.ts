import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { SECURITY_HEADERS } from '../../src/http/security-headers.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { type Edge, type ErrorBody, startEdge, TOKEN } from './edge.ts'

const SIGNED_IN = { authorization: `Bearer ${TOKEN}` }
const JSON_IN = { ...SIGNED_IN, 'content-type': 'application/json' }

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.app.close())

async function refused(request: InjectOptions) {
  const answer = await edge.app.inject({ url: '/graphql', ...request })
  const [error] = answer.json<ErrorBody>().errors
  return { answer, error, code: error.extensions.code, status: answer.statusCode }
}

const post = (payload: string | Buffer, headers: Record<string, string> = JSON_IN) =>
  refused({ method: 'POST', headers, payload })

describe('who is served', () => {
  test('a known partner, by POST and by GET', async () => {
    const payload = { query: '{ viewer }' }
    const posted = await edge.app.inject({ method: 'POST', url: '/graphql', headers: JSON_IN, payload })
    expect([posted.statusCode, posted.json()]).toEqual([200, { data: { partner: 'Retailer', sent: payload } }])
    const got = await edge.app.inject({ url: '/graphql?query=x', headers: SIGNED_IN })
    expect(got.json()).toEqual({ data: { partner: 'Retailer', sent: { query: 'x' } } })
  })

  test('nobody without a valid token, who is told what identity says of it', async () => {
    const { answer, code, status } = await refused({ headers: { authorization: 'Bearer wrong' } })
    expect([status, code, answer.headers['www-authenticate']]).toEqual([
      401,
      'UNAUTHENTICATED',
      'Bearer error="invalid_token"',
    ])
    expect(answer.headers).not.toHaveProperty('dpop-nonce')
  })

  test('authentication comes before anything is said about the body', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/json' }])
      expect((await post('{broken', headers)).status).toBe(401)
    expect((await post('x'.repeat(300_000), { 'content-type': 'application/json' })).status).toBe(401)
  })

  test('a route without authentication has no viewer to run for', async () => {
    const { app } = await startEdge({ prepare: app => app.get('/other', async request => request.viewer.partner.name) })
    const answer = await app.inject({ url: '/other', headers: SIGNED_IN })
    expect(answer.statusCode).toBe(500)
    await app.close()
  })
})

describe('which bodies are read', () => {
  test('only JSON by its media type', async () => {
    const { code, status, error } = await post('{}', { ...SIGNED_IN, 'content-type': 'text/plain' })
    expect([status, code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(error.message).toContain('application/json')
    expect((await refused({ method: 'POST', headers: SIGNED_IN })).status).toBe(415)
  })

  test.each([
    ['{"query": nope}', 'see character 11'],
    ['{"query":"x"', 'see character 13, where it ends'],
    ['', 'is empty'],
    ['[{"query":"x"}]', 'one JSON object'],
    ['null', 'one JSON object'],
    ['"{}"', 'one JSON object'],
    ['1', 'one JSON object'],
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"variables":{"\\u005f_proto__":{}}}', '__proto__'],
    ['{"constructor":{"prototype":{}}}', '__proto__'],
  ])('%j is refused with the place and without an echo', async (payload, hint) => {
    const { status, code, error } = await post(payload)
    expect([status, code]).toEqual([400, 'BAD_REQUEST'])
    expect(error.message).toContain(hint)
    expect(error.message).not.toContain('nope')
  })

  test('bytes that are not UTF-8 are refused with their place', async () => {
    const { status, error } = await post(Buffer.from('{"query":"\xff"}', 'latin1'))
    expect([status, error.message]).toEqual([400, 'The body is not UTF-8: see byte 11.'])
  })

  test('a body one byte over the limit is too large, one at the limit is read', async () => {
    const padded = (bytes: number) => `{"q":"${'x'.repeat(bytes - 8)}"}`
    expect([await post(padded(262_145)).then(r => [r.status, r.code])]).toEqual([[413, 'PAYLOAD_TOO_LARGE']])
    const answer = await edge.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: JSON_IN,
      payload: padded(262_144),
    })
    expect(answer.statusCode).toBe(200)
  })
})

describe('which requests are understood', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('%s is not allowed, and told what is', async method => {
    const { status, code, answer } = await refused({ method, headers: JSON_IN })
    expect([status, code, answer.headers.allow]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, POST'])
  })

  test('HEAD is not allowed either', async () => {
    const answer = await edge.app.inject({ method: 'HEAD', url: '/graphql', headers: SIGNED_IN })
    expect([answer.statusCode, answer.headers.allow, answer.body]).toEqual([405, 'GET, POST', ''])
  })

  test('no method is let through to the protocol by an unread body', async () => {
    const { status } = await refused({ method: 'PUT', headers: JSON_IN, payload: '{broken' })
    expect(status).toBe(405)
  })

  test.each(['/', '/graphql/', '/GRAPHQL', '/health/live', '/metrics', '/__proto__'])('%s is not found', async url => {
    const { status, code } = await refused({ url, headers: SIGNED_IN })
    expect([status, code]).toEqual([404, 'NOT_FOUND'])
  })

  test('an Accept that takes neither form is not acceptable', async () => {
    const { status, code } = await refused({ headers: { ...SIGNED_IN, accept: 'text/html' } })
    expect([status, code]).toEqual([406, 'NOT_ACCEPTABLE'])
  })

  test('a query string over 16 KiB is refused and pointed to POST', async () => {
    const at = (length: number) => `/graphql?query=${'x'.repeat(length - 6)}`
    const { status, error } = await refused({ url: at(16_385), headers: SIGNED_IN })
    expect(status).toBe(400)
    expect(error.message).toContain('POST')
    expect((await edge.app.inject({ url: at(16_384), headers: SIGNED_IN })).statusCode).toBe(200)
  })

  test('a malformed URL is a bad request in the same shape', async () => {
    const { status, code, answer } = await refused({ url: '/%zz', headers: SIGNED_IN })
    expect([status, code]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each(['a b', '%', '1.2.3.4.5', 'evil/path', 'user@host'])('a Host of %j is refused', async host => {
    const { status, error } = await refused({ headers: { ...SIGNED_IN, host } })
    expect([status, error.message]).toEqual([400, 'The Host header is not a host with an optional port.'])
  })
})

describe('every error answer', () => {
  test('has one shape, its own request id and no way into a cache', async () => {
    const { answer, error } = await refused({ headers: { 'x-request-id': 'mine', 'request-id': 'mine' } })
    const requestId = answer.headers['x-request-id']
    expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(error).toEqual({
      message: 'A valid access token for this service is required.',
      extensions: { code: 'UNAUTHENTICATED', requestId, retryable: false },
    })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...SECURITY_HEADERS,
    })
    for (const name of ['server', 'x-powered-by', 'set-cookie', 'access-control-allow-origin'])
      expect(answer.headers).not.toHaveProperty(name)
  })

  test('takes the form that Accept asks for', async () => {
    const { answer } = await refused({ headers: { accept: 'application/graphql-response+json' } })
    expect(answer.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8')
  })

  test('says when to come back, where that is known', async () => {
    const { app } = await startEdge({
      handler: async () => {
        throw new GatewayError('RATE_LIMITED', 'Enough.', { details: { retryAfterSeconds: 17 } })
      },
    })
    const answer = await app.inject({ url: '/graphql', headers: SIGNED_IN })
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '17'])
    await app.close()
  })

  test('hides what went wrong inside, and logs it under the same id', async () => {
    const { app, lines } = await startEdge({
      handler: async () => {
        throw new Error('no route to 10.0.0.3')
      },
    })
    const answer = await app.inject({ url: '/graphql', headers: SIGNED_IN })
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('10.0.0.3')
    const line = lines.find(({ level }) => level === 'error')
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], message: 'a request failed' })
    expect(JSON.stringify(line)).toContain('no route to')
    await app.close()
  })
})
