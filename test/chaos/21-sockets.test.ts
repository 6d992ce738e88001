import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { converse } from '../http/edge.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { type OneGateway, startOneGateway } from './one-gateway.ts'

/**
 * Connections that are held open, slowly, and requests that two readers could read in two ways, at a process with the
 * presets: the first are gone in time, and the others get one answer, which refuses.
 */
const SLOW_OF_EACH = sized(10, 60)
const DRIP_MS = 400
const LONGEST_MS = 10_000

describeWith(['postgres'], 'slow and malformed sockets', () => {
  let one: OneGateway
  beforeAll(async () => {
    one = await startOneGateway()
  })
  afterAll(() => one?.stop(), 60_000)

  const port = () => Number(new URL(one.gateway.partners).port)
  const authorization = () => `Authorization: ${one.good}\r\n`
  const post = () => `POST /graphql HTTP/1.1\r\nHost: a\r\n${authorization()}Content-Type: application/json\r\n`
  /** Answers, but for invitations to go on. */
  const answersIn = (said: string): readonly number[] =>
    [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1])).filter(status => status !== 100)

  test('who sends slowly, or nothing, is gone within ten seconds, with one answer at most', async () => {
    const slow: readonly (readonly [what: string, sent: string, drip: string | null])[] = [
      ['nothing', '', null],
      ['half a line', 'GET /graph', null],
      ['half the headers', 'GET /graphql HTTP/1.1\r\nHost: a\r\n', null],
      ['headers, drop by drop', 'GET /graphql HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'],
      ['half a body', `${post()}Content-Length: 100\r\n\r\n{"query":`, null],
      ['a body, drop by drop', `${post()}Content-Length: 10000\r\n\r\n{"query":`, ' '],
      ['chunks, drop by drop', `${post()}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
      ['half a second request', `${post()}Content-Length: 26\r\n\r\n{"query":"{ __typename }"} POST /gra`, null],
    ]
    const held = slow.flatMap(([what, sent, drip]) =>
      Array.from({ length: SLOW_OF_EACH }, async () => {
        const startedMs = performance.now()
        const { socket, closed } = converse(port(), sent)
        const drips = drip === null ? null : setInterval(() => socket.writable && socket.write(drip), DRIP_MS)
        const said = await closed
        if (drips !== null) clearInterval(drips)
        return { what, tookMs: performance.now() - startedMs, answers: answersIn(said) }
      }),
    )
    const gone = await Promise.all(held)
    const longest = gone.toSorted((a, b) => b.tookMs - a.tookMs)[0]
    // However busy the machine is.
    expect(longest?.tookMs).toBeLessThan(LONGEST_MS * 2)
    report(21, {
      'slow sockets': gone.length,
      'last of them gone after': {
        value: (longest?.tookMs ?? Number.NaN) / 1_000,
        atMost: LONGEST_MS / 1_000,
        unit: 's',
        isTimed: true,
      },
      'which sent': longest?.what ?? '',
      'of them answered twice': { value: gone.filter(({ answers }) => answers.length > 1).length, ...exactly(0) },
      'answered with a failure of the gateway': {
        value: gone.filter(({ answers }) => answers.some(status => status >= 500)).length,
        ...exactly(0),
      },
    })
  })

  test('what two readers could read in two ways is refused once, and nothing behind it is answered', async () => {
    const hidden = `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: a\r\n${authorization()}Connection: close\r\n\r\n`
    const chunked = `2\r\n{}\r\n0\r\n\r\n`
    const malformed: readonly (readonly [what: string, sent: string])[] = [
      ['two Host', `POST /graphql HTTP/1.1\r\nHost: a\r\nHost: b\r\n${authorization()}Content-Length: 2\r\n\r\n{}`],
      [
        'two equal Host',
        `POST /graphql HTTP/1.1\r\nHost: a\r\nHost: a\r\n${authorization()}Content-Length: 2\r\n\r\n{}`,
      ],
      ['two Authorization', `${post()}authorization: Bearer other\r\nContent-Length: 2\r\n\r\n{}`],
      ['two Content-Type', `${post()}CONTENT-TYPE: text/plain\r\nContent-Length: 2\r\n\r\n{}`],
      ['no Host', `GET /graphql HTTP/1.1\r\n${authorization()}\r\n`],
      ['two lengths', `${post()}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`],
      ['a length and chunks', `${post()}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
      ['chunks and a length', `${post()}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n${chunked}`],
      ['chunks disguised', `${post()}Transfer-Encoding: xchunked\r\n\r\n${chunked}`],
      ['chunks twice', `${post()}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${chunked}`],
      ['chunks of no size', `${post()}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
      ['a negative length', `${post()}Content-Length: -2\r\n\r\n{}`],
      ['a length in hexadecimal', `${post()}Content-Length: 0x2\r\n\r\n{}`],
      ['a space before the colon', `${post()}Content-Length : 2\r\n\r\n{}`],
      ['a folded header', `${post()}X: y\r\n Content-Length: 2\r\n\r\n{}`],
      ['a bare line feed', `${post()}X: y\nContent-Length: 2\r\n\r\n{}`],
      ['a zero byte in a header', `${post()}X: a\u0000b\r\nContent-Length: 2\r\n\r\n{}`],
      ['noise', 'hello\r\n\r\n'],
      ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['headers without end', `GET /graphql HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
    ]
    const outcomes = await Promise.all(
      malformed.map(async ([what, sent]) => ({
        what,
        answers: answersIn(await converse(port(), sent + hidden).closed),
      })),
    )
    const wrong = outcomes.filter(
      ({ answers }) => answers.length !== 1 || answers.some(status => ![400, 431].includes(status)),
    )
    expect(wrong).toEqual([])
    report(21, {
      'malformed requests': malformed.length,
      'refused with 400 or 431': { value: malformed.length - wrong.length, ...exactly(malformed.length) },
      'of them answered twice': { value: outcomes.filter(({ answers }) => answers.length > 1).length, ...exactly(0) },
    })
  })
})
