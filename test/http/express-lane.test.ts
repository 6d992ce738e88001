import { afterEach, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { parse } from 'graphql'
import { createAdmittance } from '../../src/graphql/planned-operation.ts'
import { createGraphqlHandler } from '../../src/http/graphql-handler.ts'
import { DEFAULT_EDGE_LIMITS, type EdgeLimits } from '../../src/http/server.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { createAnswers } from '../../src/responses/answers.ts'
import { createCompressor } from '../../src/responses/content-coding.ts'
import { createQuestions } from '../../src/responses/questions.ts'
import { createQuestionReader } from '../../src/responses/reading.ts'
import { plannerOf } from '../operations/planning.ts'
import { SCHEMA, viewerWith } from '../responses/asking.ts'
import { type Conversation, converse, type Edge, readAnswer, startEdge, TOKEN } from './edge.ts'

/**
 * The lane at an edge that has it, before the handler that answers what the lane leaves. Both take the same steps, and a
 * test can have each of them wait or fail.
 */
const VIEWER = viewerWith({ bpnl: 'BPNL00000000RT01' }, { clientId: 'retailer' })
const QUESTION = '{ status }'
const KNOWN = JSON.stringify({ query: QUESTION })
/** The same question in bytes that nobody has sent. */
const UNKNOWN = `${KNOWN} `
const OF_LANE = 'application/json'
const OF_FRAMEWORK = 'application/json; charset=utf-8'
const ROADS = [
  ['the lane', OF_LANE],
  ['the framework', OF_FRAMEWORK],
] as const
const clock = { now: () => 0 }

interface Steps {
  authorize: () => void
  find: () => void
  spend: () => void | Promise<void>
  served: () => void
}

interface Lane extends Edge {
  /** Run before the step is taken, on whatever road. */
  readonly steps: Steps
  /** Under which answers are looked for; another one: what is kept is out of reach. */
  epoch: string
  /** Requests that the framework was given after its hooks on headers. */
  handed: number
  spent: number
  /** Resolves when a request's headers have been read, by whichever road. */
  headersRead(): Promise<void>
}

let lane: Lane | undefined
afterEach(async () => {
  await lane?.app.close()
  lane = undefined
})

async function startLane(limits: EdgeLimits = DEFAULT_EDGE_LIMITS): Promise<Lane> {
  const planner = plannerOf(SCHEMA)
  planner.planFor({ source: QUESTION, document: parse(QUESTION), operationName: undefined })
  const steps: Steps = { authorize: () => {}, find: () => {}, spend: () => {}, served: () => {} }
  let read = Promise.withResolvers<void>()
  const questions = createQuestions({ maxBytes: 1_000_000, planner, clock, onEvict: () => {} })
  const answers = createAnswers({
    maxBytes: 1_000_000,
    keys: { keyFor: () => made.epoch },
    execute: async () => ({ result: { data: { status: 'open' } }, freshUntilMs: 30_000 }),
    write: (_, { data }) => JSON.stringify({ data }),
    compressor: createCompressor(),
    clock,
    onLookup: () => {},
    onEvict: () => {},
  })
  const admittance = createAdmittance(
    {
      assertTrusted: () => {},
      spend(_, cost) {
        made.spent += cost
        return steps.spend()
      },
    },
    () => {},
  )
  const authorize: typeof admittance.authorize = (question, viewer) => {
    steps.authorize()
    admittance.authorize(question, viewer)
  }
  const find: typeof answers.find = (question, viewer) => {
    steps.find()
    return answers.find(question, viewer)
  }
  const handler = createGraphqlHandler({
    questions,
    reader: createQuestionReader({ planner, textOf: () => null }),
    admittance: { ...admittance, authorize },
    answers: {
      ...answers,
      answer(...asked) {
        steps.find()
        return answers.answer(...asked)
      },
    },
    word: () => {
      throw new TypeError('every answer here is kept')
    },
    protocol: () => {
      throw new GatewayError('BAD_REQUEST', 'The protocol was asked.')
    },
    clock,
  })
  const prepare = (app: FastifyInstance) => {
    // After the refusal of what comes too late, and before the body.
    app.addHook('preParsing', async () => {
      made.handed += 1
      read.resolve()
    })
    app.openExpressLane({
      path: '/graphql',
      viewerOf(authorization) {
        if (authorization !== `Bearer ${TOKEN}`) return undefined
        read.resolve()
        return VIEWER
      },
      questions,
      find,
      authorize,
      admit: admittance.admit,
      served: () => steps.served(),
      now: clock.now,
    })
  }
  const edge = await startEdge({
    limits,
    listen: true,
    prepare,
    handler: async (request, reply) => (await handler.call(request.server, request, reply)) ?? reply,
  })
  const made: Lane = {
    ...edge,
    steps,
    epoch: '1',
    handed: 0,
    spent: 0,
    async headersRead() {
      await read.promise
      read = Promise.withResolvers()
    },
  }
  lane = made
  // Asked once, so that its bytes are known and its answer stands.
  await converse(made.port, post(KNOWN, OF_LANE)).closed
  await made.headersRead()
  await converse(made.port, post(KNOWN, OF_LANE)).closed
  await made.headersRead()
  expect(made.handed).toBe(1)
  Object.assign(made, { handed: 0, spent: 0 })
  return made
}

function head(contentType: string, length: number): string {
  return [
    'POST /graphql HTTP/1.1',
    'host: gateway.test',
    'connection: close',
    `authorization: Bearer ${TOKEN}`,
    `content-type: ${contentType}`,
    `content-length: ${length}`,
    '',
    '',
  ].join('\r\n')
}

const post = (body: string, contentType: string) => head(contentType, body.length) + body

/** The lines of requests that came after the first two. */
const linesOf = ({ lines }: Lane) => lines.filter(({ message }) => message === 'request').slice(2)

const answersIn = (said: string) => said.split('HTTP/1.1 ').length - 1

/** All but what every answer has of its own. */
function sameOf(said: string) {
  const { status, headers, body } = readAnswer(said)
  const { 'x-request-id': id, date, age, ...rest } = headers
  expect(id).toMatch(/^[\w-]{36}$/)
  return { status, headers: rest, body }
}

async function startHalf(lane: Lane, body: string, contentType: string, sent = ''): Promise<Conversation> {
  const conversation = converse(lane.port, head(contentType, body.length) + sent)
  await lane.headersRead()
  return conversation
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
    half.socket.write(KNOWN)
    await half.closed
    await drained
    expect(linesOf(lane).map(({ status }) => status)).toEqual([200])
    idle.socket.destroy()
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
