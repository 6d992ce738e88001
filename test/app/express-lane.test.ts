import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * The short way for a known question is no other gateway: whatever the shape of a request, it is answered with the bytes
 * and the headers of the long way, and leaves the same line. What the lane may take goes the long way with a charset.
 */
const OF_LANE = 'application/json'
const OF_FRAMEWORK = 'application/json; charset=utf-8'
const HANDLER = 'tracing:fastify.request.handler:start'
const CLIENT = 'sample-retailer'
/** Of an answer that is worth a coding. */
const LINES =
  'lines { site { bpns name } quantityAvailableToPromise { value unit } daysOfSupply lastUpdatedOnDateTime }'
const LIST = '"LR106259", "LR071050", "LR453679", "LR024120"'
const QUERY = `{ partAvailability(partNumbers: [${LIST}]) { part { id description } outcome ${LINES} } }`
const KNOWN = JSON.stringify({ query: QUERY })
let gateway: DeclaredGateway
let crowd: Crowd
let authorization: string
/** Requests that the framework has handled. */
let handled = 0
const count = () => {
  handled += 1
}

beforeAll(async () => {
  subscribe(HANDLER, count)
  gateway = await startGateway({
    settings: { limits: { costPerMinute: 1_000_000_000 }, warmUp: { questions: 0 } },
    // So that no answer becomes too old between one way and the other.
    clock: { now: () => nowMs },
  })
  crowd = await gatherCrowd(gateway)
  authorization = await crowd.authorization(CLIENT)
  for (let asked = 0; asked < 2; asked += 1) await crowd.ask(CLIENT, { query: QUERY })
  await untilCoded()
})
afterAll(async () => {
  unsubscribe(HANDLER, count)
  await crowd?.close()
  await gateway?.close()
})
const nowMs = Date.now()

/** Codings are made aside, once they have been asked for. */
async function untilCoded(): Promise<void> {
  for (;;) {
    const { headers } = await crowd.ask(CLIENT, { query: QUERY }, { 'accept-encoding': 'gzip' })
    if (headers['content-encoding'] === 'gzip') return
  }
}

interface Shape {
  readonly version?: '1.0' | '1.1'
  readonly headers?: string
  readonly body?: string
  readonly authorization?: string
}

function post(contentType: string, { version = '1.1', headers = '', body = KNOWN, ...own }: Shape = {}): string {
  const fields = [
    'host: gateway.test',
    `authorization: ${own.authorization ?? authorization}`,
    `content-type: ${contentType}`,
    `content-length: ${body.length}`,
  ]
  return `POST /graphql HTTP/${version}\r\n${fields.join('\r\n')}\r\n${headers}\r\n${body}`
}

const CLOSE = 'connection: close\r\n'
const closing =
  (shape: Shape = {}) =>
  (contentType: string) =>
    post(contentType, { ...shape, headers: CLOSE + (shape.headers ?? '') })

/** All that comes until the gateway closes the connection; what is sent stands for bytes by its characters. */
async function talk(sent: string, isBytewise: boolean): Promise<string> {
  const socket = connect(Number(new URL(crowd.url).port), '127.0.0.1')
  socket.setNoDelay(true)
  let said = ''
  socket.setEncoding('latin1')
  socket.on('data', chunk => {
    said += chunk
  })
  // The gateway may well be the first to leave.
  socket.on('error', () => {})
  const closed = new Promise(resolve => socket.once('close', resolve))
  for (const piece of isBytewise ? sent : [sent]) await new Promise(done => socket.write(piece, 'latin1', done))
  await closed
  return said
}

/** Without what every answer has of its own. */
const sameOf = (said: string) =>
  said
    .replaceAll(/^x-request-id: [\w-]{36}$/gim, 'x-request-id: *')
    .replaceAll(/"requestId":"[\w-]{36}"/g, '"requestId":"*"')
    .replaceAll(/^Date: .*$/gim, 'date: *')
    .replaceAll(/^age: \d+$/gim, 'age: *')
    // What is left falls from one to the next, and so does the time.
    .replaceAll(/^ratelimit: "cost";r=\d+;t=\d+$/gim, 'ratelimit: *')

const statusesIn = (said: string) => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
const lines = () => gateway.logged.filter(({ message }) => message === 'request')

async function exchange(sent: string, isBytewise: boolean) {
  gateway.logged.length = 0
  const before = handled
  const said = await talk(sent, isBytewise)
  // A line is written when the connection has let go of its answer, which may be after the client has it.
  while (lines().length < statusesIn(said).filter(status => status >= 200).length) await new Promise(setImmediate)
  const left = lines().map(({ time: _, requestId: __, durationMs: ___, ageSeconds: ____, ...rest }) => rest)
  return { said: sameOf(said), left, handled: handled - before }
}

type Case = readonly [
  shape: string,
  requests: (contentType: string) => string,
  statuses: readonly number[],
  /** Requests that the framework handles where the lane may be taken. */
  left?: number,
]

const CASES: readonly Case[] = [
  ['plain', closing(), [200]],
  ['HTTP/1.0', type => post(type, { version: '1.0' }), [200]],
  [
    'HTTP/1.0 on a connection that is kept',
    type => post(type, { version: '1.0', headers: 'connection: keep-alive\r\n' }) + post(type, { version: '1.0' }),
    [200, 200],
  ],
  ['two on one connection', type => post(type) + closing()(type), [200, 200]],
  [
    'pipelined around one that is refused',
    type => post(type) + post(type, { body: '{"query":"{ nope }"}' }) + closing()(type),
    [200, 400, 200],
    1,
  ],
  ['in gzip', closing({ headers: 'accept-encoding: gzip\r\n' }), [200]],
  ['in a coding that nobody makes', closing({ headers: 'accept-encoding: zstd\r\n' }), [200]],
  ['for the other media type', closing({ headers: 'accept: application/graphql-response+json\r\n' }), [200]],
  ['for a media type that is not served', closing({ headers: 'accept: text/html\r\n' }), [406], 0],
  ['with a tag', closing({ headers: 'if-none-match: *\r\n' }), [200]],
  ['for a range', closing({ headers: 'range: bytes=0-3\r\n' }), [200]],
  ['with a body that is invited', closing({ headers: 'expect: 100-continue\r\n' }), [100, 200], 1],
  ['in lower case', type => closing({ authorization: authorization.replace('Bearer', 'bearer') })(type), [200]],
  ['with a bad token', type => closing({ authorization: `${authorization}A` })(type), [401], 0],
  ['with two hosts', closing({ headers: 'host: another.test\r\n' }), [400], 0],
  ['with two tokens', closing({ headers: 'authorization: Bearer x\r\n' }), [400], 0],
  ['that is not JSON', closing({ body: '{"query":' }), [400], 1],
  ['that is not UTF-8', closing({ body: '{"query":"\xff\xfe"}' }), [400], 1],
  ['with white space around', closing({ body: ` ${KNOWN}\n` }), [200]],
  ['longer than what is remembered', closing({ body: KNOWN.padEnd(16_385) }), [200], 1],
]

describe.each([
  ['at once', false],
  ['byte by byte', true],
])('sent %s', (_, isBytewise) => {
  test.each(CASES)('a request %s has one answer by either way', async (_shape, requests, statuses, left = 0) => {
    const byFramework = await exchange(requests(OF_FRAMEWORK), isBytewise)
    const byLane = await exchange(requests(OF_LANE), isBytewise)
    expect(statusesIn(byLane.said)).toEqual(statuses)
    expect(byLane.said).toBe(byFramework.said)
    expect(byLane.left).toEqual(byFramework.left)
    expect(byLane.handled).toBe(left)
  })
})

test('the lane sends an answer in its coding', async () => {
  const { said, handled } = await exchange(closing({ headers: 'accept-encoding: gzip\r\n' })(OF_LANE), false)
  expect(said).toMatch(/^content-encoding: gzip\r$/im)
  expect(handled).toBe(0)
})

test('a POST of what was asked in a URL is not JSON, however often the URL was asked', async () => {
  const query = '{ part(partNumber: "LR071050") { description } }'
  const url = `/graphql?${new URLSearchParams({ query })}`
  for (let asked = 0; asked < 3; asked += 1) expect((await crowd.get(CLIENT, { query })).status).toBe(200)
  for (const type of [OF_LANE, OF_FRAMEWORK])
    for (const body of [url, `\u0100${url}`, encodeURI(url)]) {
      const { said } = await exchange(closing({ body })(type), false)
      expect(statusesIn(said)).toEqual([400])
      expect(said).toContain('The body is not JSON')
    }
})
