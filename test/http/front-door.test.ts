import { afterEach, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { createShedding } from '../../src/admission/shedding.ts'
import { createTurnRoom } from '../../src/admission/turn-room.ts'
import { openFrontDoor } from '../../src/http/front-door.ts'
import { createRefusals, overloaded } from '../../src/http/refusals.ts'
import { converse, type Edge, rateLimitFields, readAnswer, startEdge, TOKEN, wordError } from './edge.ts'

/** The door before everything else, at an edge that is as loaded as a test says. */
let edge: Edge | undefined
afterEach(async () => {
  await edge?.app.close()
  edge = undefined
})

const random = () => 0.5
let isRunning = false

async function startDoor(pressure: number, reservedPerSecond = 0): Promise<Edge> {
  const prepare = (app: FastifyInstance) => {
    app.get('/overloaded', () => {
      throw overloaded(random)
    })
    openFrontDoor(app, {
      isKnown: authorization => authorization === `Bearer ${TOKEN}`,
      shedding: createShedding({
        monitor: { pressure: () => pressure, isOverloaded: () => pressure > 0, room: createTurnRoom(5) },
        reservedPerSecond,
        clock: { now: () => 0 },
        onShed: () => {},
        random,
      }),
      load: {
        start() {
          isRunning = true
        },
        stop() {
          isRunning = false
        },
      },
      refusals: createRefusals({ wordError, forms: app.answerForms, rateLimitFields, random }),
    })
  }
  edge = await startEdge({ listen: true, prepare })
  return edge
}

interface Shape {
  readonly token?: string
  readonly path?: string
  readonly headers?: string
  readonly method?: string
}

function request({ token = 'unknown', path = '/graphql', headers = '', method = 'GET' }: Shape = {}): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${headers}`
}

const ask = async (door: Edge, shape?: Shape) =>
  readAnswer(await converse(door.port, `${request(shape)}Connection: close\r\n\r\n`).closed)

test.each(['*/*', 'application/graphql-response+json', 'text/html'])(
  'a stranger is refused in the very form in which the framework would, to whoever accepts %s',
  async accept => {
    const headers = `Accept: ${accept}\r\n`
    const calm = await startDoor(0)
    const framework = await ask(calm, { path: '/overloaded', headers })
    await calm.app.close()
    const door = await ask(await startDoor(0.9), { headers })
    for (const { headers, body } of [framework, door]) {
      expect(headers['x-request-id']).toBe(body.errors[0].extensions.requestId)
      expect(headers['retry-after']).toBe(String(body.errors[0].extensions.retryAfterSeconds))
    }
    const same = ({ status, headers, body }: typeof door) => {
      const { 'x-request-id': id, date: _, ...rest } = headers
      return [status, rest, JSON.stringify(body).replaceAll(String(id), 'ID')]
    }
    expect(same(door)).toEqual(same(framework))
    expect([door.status, door.headers['retry-after']]).toEqual([503, '3'])
  },
)

test('whoever is known is let through, whatever the load', async () => {
  expect((await ask(await startDoor(3), { token: TOKEN })).status).toBe(200)
})

test.each([
  ['nothing', '', 503],
  ['a scheme without a token', 'Authorization: Bearer\r\n', 503],
  ['what is no token', 'Authorization: Bearer unknown\r\n', 503],
  ['another scheme', 'Authorization: Basic e30.e30.sig\r\n', 503],
  ['more than a token', 'Authorization: Bearer e30.e30.sig.more\r\n', 503],
  ['what looks like a token', 'Authorization: Bearer e30.e30.sig\r\n', 401],
  ['the same for a proof of possession', 'Authorization: dpop e30.e30.sig\r\n', 401],
])('a stranger who sends %s has a part in the reserve only where it may be a partner', async (_, header, status) => {
  const door = await startDoor(3, 1)
  const said = await converse(door.port, `GET /graphql HTTP/1.1\r\nHost: a\r\n${header}Connection: close\r\n\r\n`)
    .closed
  expect(readAnswer(said).status).toBe(status)
})

describe('a connection', () => {
  test('serves on after a refusal, whose body nobody has read', async () => {
    const door = await startDoor(0.9)
    const refused = `${request({ method: 'POST', headers: 'Content-Length: 9\r\n' })}\r\nwhatever!`
    const said = await converse(door.port, `${refused}${request({ token: TOKEN })}Connection: close\r\n\r\n`).closed
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200'])
  })

  test.each([
    'Expect: 100-continue\r\nContent-Length: 9\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 200000\r\n',
  ])('ends with it where more may come than is worth reading: %j', async headers => {
    const said = await converse((await startDoor(0.9)).port, `${request({ method: 'POST', headers })}\r\n`).closed
    expect(said).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/)
  })
})

test('a refusal leaves its line, with its code and nothing of what was sent', async () => {
  const door = await startDoor(0.9)
  await ask(door, { path: '/graphql?secret' })
  await door.app.drain()
  expect(door.lines).toEqual([expect.objectContaining({ status: 503, codes: ['OVERLOADED'] })])
  expect(JSON.stringify(door.lines)).not.toMatch(/secret|unknown/)
})

test('a stopping instance says that it is stopping, however great the load', async () => {
  const door = await startDoor(3)
  const open = converse(door.port, '')
  await new Promise(resolve => open.socket.once('connect', resolve))
  await new Promise(resolve => door.app.server.getConnections(resolve))
  const drained = door.app.drain()
  open.socket.write(`${request()}\r\n`)
  expect(readAnswer(await open.closed).body.errors[0].extensions.code).toBe('SHUTTING_DOWN')
  await drained
})

test('load is watched for as long as the server listens', async () => {
  const door = await startDoor(0)
  expect(isRunning).toBe(true)
  await door.app.close()
  expect(isRunning).toBe(false)
})
