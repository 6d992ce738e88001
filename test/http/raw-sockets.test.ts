import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { converse, type Edge, readAnswer, startEdge, TOKEN } from './edge.ts'

const AUTH = `Authorization: Bearer ${TOKEN}\r\n`
const JSON_IN = `${AUTH}Content-Type: application/json\r\n`
const CLOSE = 'Connection: close\r\n'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge({ listen: true })
})
afterAll(() => edge.app.close())

async function answerTo(sent: string) {
  return readAnswer(await converse(edge.port, sent).closed)
}

describe('an ambiguous request is refused, and its connection closed', () => {
  test.each([
    ['Host', 'Host: a\r\nHost: b\r\n'],
    ['Authorization', `Host: a\r\n${AUTH}authorization: Bearer other\r\n`],
    ['Content-Type', `Host: a\r\n${JSON_IN}CONTENT-TYPE: text/plain\r\n`],
  ])('two %s headers', async (name, headers) => {
    const { status, body } = await answerTo(`POST /graphql HTTP/1.1\r\n${headers}Content-Length: 2\r\n\r\n{}`)
    expect([status, body.errors[0].message]).toEqual([400, `The header ${name.toLowerCase()} may be given only once.`])
  })

  test('two Authorization headers, the second behind thousands of others', async () => {
    const filler = 'a:\r\n'.repeat(3_000)
    const { status } = await answerTo(`GET /graphql HTTP/1.1\r\nHost: a\r\n${AUTH}${filler}${AUTH}\r\n`)
    expect(status).toBe(400)
  })

  test.each([
    ['two Content-Length headers', 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'Content-Length with Transfer-Encoding',
      'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    [
      'Transfer-Encoding with Content-Length',
      'Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    ['a transfer coding before chunked', 'Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    [
      'two Transfer-Encoding headers',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    ['a disguised chunked', 'Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 2\r\n\r\n{}'],
    ['a folded header', 'X: y\r\n Content-Length: 2\r\n\r\n{}'],
    ['a negative length', 'Content-Length: -2\r\n\r\n{}'],
    ['a bare line feed', 'X: y\nContent-Length: 2\r\n\r\n{}'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
  ])('%s', async (_what, rest) => {
    const { status, headers, body } = await answerTo(`POST /graphql HTTP/1.1\r\nHost: a\r\n${JSON_IN}${rest}`)
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST'])
    expect(body.errors[0].extensions.requestId).toBe(headers['x-request-id'])
    expect(headers.connection).toBe('close')
  })

  test('Transfer-Encoding in HTTP/1.0', async () => {
    const rest = 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
    expect((await answerTo(`POST /graphql HTTP/1.0\r\nHost: a\r\n${JSON_IN}${rest}`)).status).toBe(400)
  })

  test.each(['1.0', '1.1'])('no Host in HTTP/%s', async version => {
    const { status, body } = await answerTo(`GET /graphql HTTP/${version}\r\n${AUTH}\r\n`)
    expect([status, body.errors[0].message]).toEqual([400, 'The Host header is missing.'])
  })

  test('an empty Host', async () => {
    expect((await answerTo(`GET /graphql HTTP/1.1\r\nHost:\r\n${AUTH}\r\n`)).status).toBe(400)
  })
})

describe('what is not HTTP is answered in the one shape, and its connection closed', () => {
  test.each([
    ['noise', 'hello\r\n\r\n', 400],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000', 400],
    ['an unknown method', 'BREW /graphql HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['another protocol version', 'GET /graphql HTTP/3.7\r\nHost: a\r\n\r\n', 400],
    ['endless headers', `GET /graphql HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['an endless URL', `GET /graphql?${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('%s', async (_what, sent, expected) => {
    const { status, headers, body } = await answerTo(sent)
    expect([status, body.errors[0].extensions.code]).toEqual([expected, 'BAD_REQUEST'])
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['cache-control']).toBe('no-store')
  })
})

describe('one connection', () => {
  test('carries pipelined requests, answered in turn under ids of their own', async () => {
    const request = (query: string, more = '') =>
      `GET /graphql?query=${query} HTTP/1.1\r\nHost: a\r\n${AUTH}${more}\r\n`
    const said = await converse(edge.port, request('one') + request('two', CLOSE)).closed
    expect([...said.matchAll(/"query":"(\w+)"/g)].map(match => match[1])).toEqual(['one', 'two'])
    expect(new Set(said.match(/x-request-id: \S+/g)).size).toBe(2)
  })

  test('never gives the error of a broken request as the answer to an earlier one', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const slow = await startEdge({ listen: true, handler: () => gate.then(() => ({ data: null })) })
    const request = `GET /graphql HTTP/1.1\r\nHost: a\r\n${AUTH}\r\n`
    expect(await converse(slow.port, `${request}nonsense\r\n\r\n`).closed).toBe('')
    open()
    await slow.app.close()
  })
})

describe('Expect: 100-continue', () => {
  const asking = (headers: string) => `POST /graphql HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: 13\r\n${CLOSE}`

  test('invites the body of a request that has passed every rule', async () => {
    const conversation = converse(edge.port, `${asking(JSON_IN)}Expect: 100-continue\r\n\r\n`)
    await new Promise(resolve => conversation.socket.once('data', resolve))
    expect(conversation.said()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    conversation.socket.write('{"query":"x"}')
    expect(await conversation.closed).toContain('"sent":{"query":"x"}')
  })

  test.each([
    ['without a token', 'Content-Type: application/json\r\n', 401],
    ['of another media type', AUTH, 415],
  ])('never invites the body of a request %s', async (_what, headers, expected) => {
    const said = await converse(edge.port, `${asking(headers)}Expect: 100-continue\r\n\r\n`).closed
    expect(said).not.toContain('100 Continue')
    expect(readAnswer(said).status).toBe(expected)
  })

  test('is the only expectation there is', async () => {
    expect((await answerTo(`${asking(JSON_IN)}Expect: miracles\r\n\r\n`)).status).toBe(400)
  })
})

describe('the log', () => {
  test('has one line per request, with nothing of its headers, query or body', async () => {
    const logged = await startEdge({ listen: true })
    const secret = 'only-the-partner-knows'
    const body = `{"q":"${secret}"}`
    const headers = `Host: a\r\n${JSON_IN}Cookie: ${secret}\r\n${CLOSE}Content-Length: ${body.length}\r\n`
    const sent = `POST /graphql?q=${secret} HTTP/1.1\r\n${headers}\r\n${body}`
    const said = await converse(logged.port, sent).closed
    expect(said).toContain('HTTP/1.1 200 OK')
    await logged.app.close()
    expect(logged.lines).toHaveLength(1)
    expect(logged.lines[0]).toMatchObject({
      level: 'info',
      message: 'request',
      requestId: /x-request-id: (\S+)/.exec(said)?.[1],
      method: 'POST',
      route: '/graphql',
      status: 200,
      durationMs: expect.any(Number),
      bytes: said.split('\r\n\r\n')[1]?.length,
      answered: true,
    })
    expect(JSON.stringify(logged.lines)).not.toMatch(new RegExp(`${secret}|${TOKEN}`))
  })

  test('has a line for a request whose URL Fastify refused', async () => {
    const logged = await startEdge({ listen: true })
    await converse(logged.port, `GET /%zz HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`).closed
    await logged.app.close()
    expect(logged.lines).toMatchObject([{ message: 'request', route: null, status: 400 }])
  })
})
