import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Waiting } from '../../src/observe/committed-lines.ts'
import { type AccessServer, type AccessServerOptions, linesIn, startAccessServer } from './access-server.ts'
import { converse } from './edge.ts'

let directory: string
let server: AccessServer | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'access-log-'))
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(directory, { recursive: true, force: true })
})

async function start(options: AccessServerOptions = {}): Promise<AccessServer> {
  server = await startAccessServer(directory, options)
  return server
}

const asking = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`
const CLOSE = 'Connection: close\r\n'
const idsIn = (said: string) => [...said.matchAll(/x-request-id: (\S+)/gi)].map(([, id]) => id)
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 5))
}

describe('one line', () => {
  const body = (bytes: number) =>
    `POST /ok HTTP/1.1\r\nHost: a\r\n${CLOSE}Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`

  test.each([
    ['an answer', asking('/ok', CLOSE), [200], 'LIVE'],
    ['an answer that the client has', asking('/same', CLOSE), [304], 'LIVE'],
    ['who is not known', asking('/unknown', CLOSE), [401], 'REFUSED'],
    ['who may not', asking('/forbidden', CLOSE), [403], 'REFUSED'],
    ['a path that is not there', asking('/nothing', CLOSE), [404], 'REFUSED'],
    ['another method', `PUT /ok HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`, [405], 'REFUSED'],
    ['a body that is too large', body(2_000), [413], 'REFUSED'],
    ['who asks too much', asking('/limited', CLOSE), [429], 'REFUSED'],
    ['a system that is closed', asking('/closed', CLOSE), [503], 'REFUSED'],
    ['what nobody foresaw', asking('/failing', CLOSE), [500], 'REFUSED'],
    ['a URL that is none', asking('/%zz', CLOSE), [400], 'REFUSED'],
    ['two hosts', asking('/ok', `Host: b\r\n${CLOSE}`), [400], 'REFUSED'],
    ['noise', 'hello\r\n\r\n', [400], 'REFUSED'],
    ['endless headers', asking('/ok', `X: ${'x'.repeat(40_000)}\r\n`), [431], 'REFUSED'],
    [
      'a body that is none',
      'POST /ok HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      [400],
      'REFUSED',
    ],
    ['each of several, pipelined', asking('/ok') + asking('/nothing') + asking('/ok', CLOSE), [200, 404, 200], null],
    ['each of several, then noise', `${asking('/ok')}nonsense\r\n\r\n`, null, null],
  ] as const)('for %s', async (_what, sent, statuses, decision) => {
    const { port } = await start()
    const said = await converse(port, sent).closed
    await until(() => linesIn(directory).length >= (statuses?.length ?? 2))
    const lines = linesIn(directory)
    if (statuses === null) {
      expect(lines).toHaveLength(2)
      return
    }
    expect([...said.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))).toEqual(statuses)
    // In the order in which they were ready.
    expect(lines.map(({ status }) => status).toSorted()).toEqual(statuses.toSorted())
    const ids = lines.map(({ requestId }) => requestId)
    expect(ids.toSorted()).toEqual(idsIn(said).toSorted())
    if (decision !== null) expect(lines).toMatchObject([{ decision, answered: true }])
  })

  test('for a client that leaves before its answer', async () => {
    const { port, app } = await start()
    const arrived = new Promise(resolve => app.server.once('request', resolve))
    const { socket } = converse(port, asking('/never'))
    await arrived
    socket.destroy()
    await until(() => linesIn(directory).length > 0)
    expect(linesIn(directory)).toMatchObject([{ route: '/never', answered: false, decision: 'LEFT', origin: null }])
  })
})

test('a stream has one line where it begins and one where it has ended, with why', async () => {
  const { port, app } = await start()
  const said = await converse(port, asking('/stream')).closed
  expect(said).toContain('event: complete')
  const left = new Promise<string>(resolve => {
    const { socket } = converse(port, asking('/stream', 'Accept: text/event-stream\r\n'))
    socket.once('data', chunk => {
      resolve(String(chunk))
      socket.destroy()
    })
  })
  const [first, second] = [idsIn(said)[0], idsIn(await left)[0]]
  await until(() => linesIn(directory).length >= 4)
  await app.drain()
  expect(linesIn(directory)).toMatchObject([
    { requestId: first, stream: 'BEGAN', status: 200, answered: true },
    { requestId: first, stream: 'ENDED', events: 1, why: 'TOKEN_EXPIRED' },
    { requestId: second, stream: 'BEGAN' },
    { requestId: second, stream: 'ENDED', events: 1, why: 'CLIENT_LEFT' },
  ])
})

test('a line says who asked for what, of which systems, what became of it and what that cost', async () => {
  const { port } = await start()
  await converse(port, asking('/ok', CLOSE)).closed
  await converse(port, asking('/closed', CLOSE)).closed
  expect(linesIn(directory)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      method: 'GET',
      route: '/ok',
      status: 200,
      durationMs: expect.any(Number),
      bytes: 13,
      partner: 'BPNL00000R000121',
      client: 'dms',
      operation: 'Enquiry',
      answered: true,
      decision: 'LIVE',
      origin: null,
      answer: 'MISS',
      cost: 3,
    },
    expect.objectContaining({
      status: 503,
      codes: ['SYSTEM_NOT_OPEN'],
      refused: [{ system: 'PARTS_LOGISTICS', code: 'SYSTEM_NOT_OPEN', state: 'SUSPENDED' }],
    }),
  ])
})

describe('before its line is written', () => {
  /** An access log that lets nothing go by itself. */
  async function startHeld() {
    const held: Waiting[] = []
    const { port } = await start({
      accessLog: () => ({
        write: (_members, waiting) => void (waiting !== null && held.push(waiting)),
        flush: () => {},
      }),
    })
    return { port, held }
  }
  const WAYS = [
    ['an answer', asking('/ok', CLOSE)],
    ['a refusal', asking('/unknown', CLOSE)],
    ['the beginning of a stream', asking('/stream')],
    ['what is said to noise', 'hello\r\n\r\n'],
    ['a refusal of endless headers', asking('/ok', `X: ${'x'.repeat(40_000)}\r\n`)],
  ] as const

  test.each(WAYS)('not a byte of %s leaves', async (_what, sent) => {
    const { port, held } = await startHeld()
    const { closed, said } = converse(port, sent)
    await until(() => held.length === 1)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(said()).toBe('')
    const letGo = setInterval(() => {
      for (const waiting of held.splice(0)) waiting.release(true)
    }, 1)
    expect(await closed).toMatch(/^HTTP\/1\.1 \d{3} /)
    clearInterval(letGo)
  })

  test.each(WAYS)('nothing of %s leaves where it cannot be, and its connection ends', async (_what, sent) => {
    const { port, held } = await startHeld()
    const { closed } = converse(port, sent)
    await until(() => held.length === 1)
    held[0]?.release(false)
    expect(await closed).toBe('')
  })
})

describe('where no line can be written', () => {
  test('nothing is answered, which is told once, and it goes on by itself when one can be', async () => {
    const { port, log, logged, counters } = await start()
    expect(await converse(port, asking('/ok', CLOSE)).closed).toContain(' 200 ')
    expect(log.health()).toEqual({ failingSince: null })
    const away = `${directory}-away`
    renameSync(directory, away)
    rmSync(away, { recursive: true })
    for (const sent of [asking('/ok'), asking('/nothing'), 'hello\r\n\r\n', asking('/stream')])
      expect(await converse(port, sent).closed).toBe('')
    expect(log.health()).toEqual({ failingSince: expect.any(String) })
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'the access log cannot be written: no answer leaves until it can' },
    ])

    mkdirSync(directory)
    await until(() => log.health().failingSince === null)
    expect(await converse(port, asking('/ok', CLOSE)).closed).toContain(' 200 ')
    // Two of them are the stream's.
    expect(linesIn(directory)).toMatchObject([{ gap: { missing: 5 } }, { route: '/ok' }])
    const counted = counters.snapshot().filter(({ name }) => name.startsWith('access_log'))
    expect(counted).toMatchObject([
      { name: 'access_log_lines', value: 2 },
      { name: 'access_log_lines_missing', value: 5 },
    ])
  })

  test('at the start, the gateway does not start', async () => {
    const file = join(directory, 'a-file')
    writeFileSync(file, '')
    await expect(startAccessServer(join(file, 'below'))).rejects.toThrow(
      /^accessLog\.directory: .* cannot be written to:/,
    )
  })
})
