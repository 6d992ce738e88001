import { afterEach, describe, expect, test } from '@jest/globals'
import { DEFAULT_EDGE_LIMITS } from '../../src/http/server.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { converse, readAnswer } from './edge.ts'
import {
  answersIn,
  head,
  KNOWN,
  type Lane,
  linesOf,
  OF_LANE,
  post,
  ROADS,
  type Steps,
  sameOf,
  startLane as start,
  startHalf,
  UNKNOWN,
  VIEWER,
} from './lane.ts'

let lane: Lane | undefined
afterEach(async () => {
  await lane?.app.close()
  lane = undefined
})

async function startLane(...limits: Parameters<typeof start>): Promise<Lane> {
  lane = await start(...limits)
  return lane
}

describe('a drain between the headers and the body of a request', () => {
  test.each([
    ['that is known', KNOWN],
    ['that is not', UNKNOWN],
  ])('leaves its answer, to a question %s, as it is by the framework', async (_, body) => {
    const said: ReturnType<typeof sameOf>[] = []
    for (const [, contentType] of ROADS) {
      const lane = await startLane()
      const half = await startHalf(lane, body, contentType)
      const drained = lane.app.drain()
      half.socket.write(body)
      said.push(sameOf(await half.closed))
      await drained
      await lane.app.close()
    }
    expect(said[0]).toMatchObject({ status: 200, headers: { connection: 'close' }, body: { data: { status: 'open' } } })
    expect(said[0]).toEqual(said[1])
  })

  test('does not let in what comes after it on a connection that was open', async () => {
    const lane = await startLane()
    const half = await startHalf(lane, KNOWN, OF_LANE)
    const idle = converse(lane.port, '')
    await new Promise(resolve => idle.socket.once('connect', resolve))
    await new Promise(resolve => lane.app.server.getConnections(resolve))
    const drained = lane.app.drain()
    idle.socket.write(post(KNOWN, OF_LANE))
    expect(readAnswer(await idle.closed).status).toBe(503)
    half.socket.write(KNOWN)
    await half.closed
    await drained
    expect(linesOf(lane).map(({ status }) => status)).toEqual([503, 200])
  })
})

test('a partner that has spent its budget is refused in the same words on either road, and in the lane at once', async () => {
  const said: ReturnType<typeof sameOf>[] = []
  const handed: number[] = []
  for (const [, contentType] of ROADS) {
    const lane = await startLane()
    lane.steps.spend = () => {
      throw new GatewayError('RATE_LIMITED', 'Nothing is left.', { details: { retryAfterSeconds: 17 } })
    }
    const { body, ...answer } = sameOf(await converse(lane.port, post(KNOWN, contentType)).closed)
    const [{ message, extensions }] = body.errors
    said.push({ ...answer, body: { errors: [{ message, extensions: { ...extensions, requestId: 'any' } }] } })
    handed.push(lane.handed)
    await lane.app.drain()
    expect(linesOf(lane)).toEqual([
      expect.objectContaining({ status: 429, codes: ['RATE_LIMITED'], client: 'retailer' }),
    ])
    await lane.app.close()
  }
  expect(said[0]).toMatchObject({ status: 429, headers: { 'retry-after': '17', ratelimit: expect.any(String) } })
  expect(said[0]).toEqual(said[1])
  expect(handed).toEqual([0, 1])
})

test.each([
  ['its budget', { codes: ['RATE_LIMITED'], cost: 1 }],
  ['the load', { codes: ['OVERLOADED'], cost: 1 }],
])('a refusal for %s has the same line on either road, with what was asked and what it costs', async (why, members) => {
  const lines: object[] = []
  for (const [, contentType] of ROADS) {
    const lane = await startLane()
    if (why === 'the load') Object.assign(lane, { epoch: '2' }).steps.pressure = 2
    else
      lane.steps.spend = () => {
        throw new GatewayError('RATE_LIMITED', 'Nothing is left.', { details: { retryAfterSeconds: 17 } })
      }
    await converse(lane.port, post(KNOWN, contentType)).closed
    await lane.app.drain()
    for (const { time: _, requestId: __, durationMs: ___, bytes: ____, ...line } of linesOf(lane)) lines.push(line)
    await lane.app.close()
  }
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatchObject({ ...members, operation: expect.stringMatching(/^[0-9a-f]{12}$/) })
  expect(lines[0]).toEqual(lines[1])
})

describe('under load', () => {
  test.each([
    ['a question whose answer stands ready', KNOWN, 200],
    ['one that nobody has asked', UNKNOWN, 503],
  ])('%s: is answered, or refused, in the lane', async (_, body, status) => {
    const lane = await startLane()
    lane.steps.pressure = 2
    const answer = readAnswer(await converse(lane.port, post(body, OF_LANE)).closed)
    expect([answer.status, lane.handed]).toEqual([status, 0])
    expect(answer.headers).toMatchObject({ ratelimit: expect.any(String), 'ratelimit-policy': expect.any(String) })
  })

  test('an answer that stands ready is given whatever the load, on either road', async () => {
    for (const [, contentType] of ROADS) {
      const lane = await startLane()
      lane.steps.pressure = 2
      expect(readAnswer(await converse(lane.port, post(KNOWN, contentType)).closed).status).toBe(200)
      await lane.app.close()
    }
  })

  test('what would have to be executed is refused by the framework, too, and has cost nothing', async () => {
    for (const [, contentType] of ROADS) {
      const lane = await startLane()
      lane.steps.pressure = 2
      lane.epoch = '2'
      const { status, headers, body } = readAnswer(await converse(lane.port, post(KNOWN, contentType)).closed)
      expect([status, body.errors[0].extensions.code, lane.spent]).toEqual([503, 'OVERLOADED', 0])
      expect(headers['retry-after']).toMatch(/^[1-5]$/)
      await lane.app.close()
    }
  })
})

describe('a step of the lane that throws', () => {
  const fault = () => {
    throw new TypeError('the inside of a step')
  }
  const second = () => {
    let taken = 0
    return () => {
      taken += 1
      if (taken > 1) fault()
    }
  }
  const cases: readonly (readonly [what: string, steps: () => Partial<Steps>, spent: boolean])[] = [
    ['scopes', () => ({ authorize: fault }), false],
    ['the answer', () => ({ find: fault }), true],
    ['the budget, at once', () => ({ spend: fault }), true],
    ['the budget, later', () => ({ spend: async () => fault() }), true],
    ['the answer, after a wait for the budget', () => ({ find: second(), spend: async () => {} }), true],
  ]

  test.each(cases)('%s: the framework words it, once, and the process lives', async (_, steps) => {
    const lane = await startLane()
    Object.assign(lane.steps, steps())
    const said = await converse(lane.port, post(KNOWN, OF_LANE)).closed
    expect(answersIn(said)).toBe(1)
    const { status, headers, body } = readAnswer(said)
    expect([status, body.errors[0].extensions.code]).toEqual([500, 'INTERNAL'])
    expect(body.errors[0].extensions.requestId).toBe(headers['x-request-id'])
    expect(said).not.toContain('inside')
    expect(lane.handed).toBe(1)
    Object.assign(lane.steps, { authorize: () => {}, find: () => {}, spend: () => {} })
    expect(readAnswer(await converse(lane.port, post(KNOWN, OF_LANE)).closed).status).toBe(200)
    await lane.app.drain()
    expect(linesOf(lane).map(line => [line.status, line.codes, line.client])).toEqual([
      [500, ['INTERNAL'], 'retailer'],
      [200, undefined, 'retailer'],
    ])
  })

  test.each([
    ['at once', () => {}],
    ['after a wait', async () => {}],
  ])('after the answer was sent, %s, sends no other', async (_, spend) => {
    const lane = await startLane()
    Object.assign(lane.steps, { served: fault, spend })
    const said = await converse(lane.port, post(KNOWN, OF_LANE)).closed
    expect([answersIn(said), readAnswer(said).status, lane.handed]).toEqual([1, 200, 0])
    Object.assign(lane.steps, { served: () => {} })
    expect(readAnswer(await converse(lane.port, post(KNOWN, OF_LANE)).closed).status).toBe(200)
  })
})

describe('a budget that is asked of a store', () => {
  test('takes the cost once where the answer goes away during the wait, and the answer is given', async () => {
    const lane = await startLane()
    const asked = Promise.withResolvers<void>()
    const store = Promise.withResolvers<void>()
    lane.steps.spend = () => {
      asked.resolve()
      return store.promise
    }
    const { closed } = converse(lane.port, post(KNOWN, OF_LANE))
    await asked.promise
    const once = lane.spent
    lane.epoch = '2'
    store.resolve()
    const said = await closed
    expect([answersIn(said), readAnswer(said)]).toMatchObject([1, { status: 200, body: { data: { status: 'open' } } }])
    expect([once > 0, lane.spent, lane.handed]).toEqual([true, once, 1])
    await lane.app.drain()
    expect(linesOf(lane)).toMatchObject([{ answer: 'MISS', cost: once }])
  })

  test('takes the cost once where the answer stands, and the framework is not asked', async () => {
    const lane = await startLane()
    lane.steps.spend = async () => {}
    const said = await converse(lane.port, post(KNOWN, OF_LANE)).closed
    expect(readAnswer(said).status).toBe(200)
    await lane.app.drain()
    expect([lane.handed, linesOf(lane)]).toMatchObject([0, [{ answer: 'HIT', cost: lane.spent }]])
  })
})

test.each(ROADS)('by %s, a body longer than the bound is refused before it is read', async (_, contentType) => {
  const lane = await startLane({ ...DEFAULT_EDGE_LIMITS, bodyBytes: 1_024 })
  const { status, body } = readAnswer(await converse(lane.port, head(contentType, 1_025)).closed)
  expect([status, body.errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
})

describe('a client that breaks off in the middle of a body', () => {
  const HALF = KNOWN.slice(0, 5)

  test.each(ROADS)('and goes away leaves one line, with whom it asked for, by %s', async (_, contentType) => {
    const lane = await startLane()
    const { socket } = await startHalf(lane, KNOWN, contentType, HALF)
    socket.resetAndDestroy()
    await lane.app.drain()
    expect(linesOf(lane)).toMatchObject([
      { answered: false, partner: VIEWER.partner.bpnl, client: VIEWER.clientId, route: '/graphql' },
    ])
  })

  test.each(ROADS)('and waits for an answer leaves a line with the status of it, by %s', async (_, contentType) => {
    const lane = await startLane()
    const { socket, closed } = await startHalf(lane, KNOWN, contentType, HALF)
    socket.end()
    const { status, headers } = readAnswer(await closed)
    expect(status).toBe(400)
    await lane.app.drain()
    expect(linesOf(lane)).toMatchObject([{ status: 400, requestId: headers['x-request-id'], client: 'retailer' }])
  })
})
