import { afterEach, expect, test } from '@jest/globals'
import { DEFAULT_EDGE_LIMITS } from '../../src/http/server.ts'
import { converse, readAnswer, startEdge, TOKEN } from './edge.ts'

let onTestEnd: () => PromiseLike<unknown> = async () => {}
afterEach(async () => {
  await onTestEnd()
})

const POST = `POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`

const LIMITS = { ...DEFAULT_EDGE_LIMITS, requestTimeoutMs: 4_000, headersTimeoutMs: 2_500 }
/** Connections are looked at once a second; the rest is room for a machine that is busy. */
const MARGIN_MS = 4_000

test('by default no request may take so long to come in that it is not over within 10 seconds', () => {
  expect(DEFAULT_EDGE_LIMITS.requestTimeoutMs + 1_000).toBeLessThan(10_000)
})

test('no slow client holds a connection beyond the limit of a request', async () => {
  const { app, port } = await startEdge({ limits: LIMITS, listen: true })
  onTestEnd = () => app.close()
  const started = performance.now()
  const silent = converse(port, '')
  const headless = converse(port, 'GET /graphql HTTP/1.1\r\nHost: a\r\n')
  const bodiless = converse(port, `${POST}Content-Length: 100\r\n\r\n{"query":`)
  const dripping = converse(port, `${POST}Transfer-Encoding: chunked\r\n\r\n`)
  const refused = converse(port, 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"query":')
  const drip = setInterval(() => dripping.socket.writable && dripping.socket.write('1\r\n \r\n'), 500)

  const [nothing, ...said] = await Promise.all([silent.closed, headless.closed, bodiless.closed, dripping.closed])
  const once = await refused.closed
  clearInterval(drip)
  expect(performance.now() - started).toBeLessThan(LIMITS.requestTimeoutMs + MARGIN_MS)
  for (const answer of [nothing, ...said].map(readAnswer)) {
    expect(answer.status).toBe(408)
    expect(answer.body.errors[0].extensions.requestId).toBe(answer.headers['x-request-id'])
  }
  // A refusal that did not wait for the body stays the only answer to its request.
  expect(readAnswer(once).status).toBe(401)
  expect(once.match(/HTTP\/1\.1/g)).toHaveLength(1)
})
