import { expect } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { parse } from 'graphql'
import { createShedding } from '../../src/admission/shedding.ts'
import { createTurnRoom } from '../../src/admission/turn-room.ts'
import { createAdmittance } from '../../src/graphql/planned-operation.ts'
import { createGraphqlHandler } from '../../src/http/graphql-handler.ts'
import { createRefusals } from '../../src/http/refusals.ts'
import { DEFAULT_EDGE_LIMITS, type EdgeLimits } from '../../src/http/server.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { createAnswers } from '../../src/responses/answers.ts'
import { createCompressor } from '../../src/responses/content-coding.ts'
import { createQuestions } from '../../src/responses/questions.ts'
import { createQuestionReader } from '../../src/responses/reading.ts'
import { plannerOf } from '../operations/planning.ts'
import { SCHEMA, viewerWith } from '../responses/asking.ts'
import { unloadedAdmission } from '../support/admission.ts'
import {
  type Conversation,
  converse,
  type Edge,
  rateLimitFields,
  readAnswer,
  startEdge,
  TOKEN,
  wordError,
} from './edge.ts'

/**
 * The lane at an edge that has it, before the handler that answers what the lane leaves. Both take the same steps, and a
 * test can have each of them wait or fail.
 */
export const VIEWER = viewerWith({ bpnl: 'BPNL00000000RT01' }, { clientId: 'retailer', costPerMinute: 10_000 })
const QUESTION = '{ status }'
export const KNOWN = JSON.stringify({ query: QUESTION })
/** The same question in bytes that nobody has sent. */
export const UNKNOWN = `${KNOWN} `
export const OF_LANE = 'application/json'
const OF_FRAMEWORK = 'application/json; charset=utf-8'
export const ROADS = [
  ['the lane', OF_LANE],
  ['the framework', OF_FRAMEWORK],
] as const
const clock = { now: () => 0 }

export interface Steps {
  authorize: () => void
  find: () => void
  spend: () => void | Promise<void>
  served: () => void
  /** How much is refused for load. */
  pressure: number
}

export interface Lane extends Edge {
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

export async function startLane(limits: EdgeLimits = DEFAULT_EDGE_LIMITS): Promise<Lane> {
  const planner = plannerOf(SCHEMA)
  planner.planFor({ source: QUESTION, document: parse(QUESTION), operationName: undefined })
  const steps: Steps = { authorize: () => {}, find: () => {}, spend: () => {}, served: () => {}, pressure: 0 }
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
  const admission = unloadedAdmission(clock)
  const shedding = createShedding({
    monitor: { pressure: () => steps.pressure, isOverloaded: () => steps.pressure > 0, room: createTurnRoom(5) },
    reservedPerSecond: 0,
    clock,
    onShed: () => {},
  })
  const handler = createGraphqlHandler({
    questions,
    reader: createQuestionReader({ planner, textOf: () => null }),
    maxTokens: 2_000,
    admittance: { ...admittance, authorize },
    admission: { ...admission, shedding },
    rateLimitFields,
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
      isUnderWay: answers.isUnderWay,
      shedding,
      refusals: createRefusals({ wordError, forms: app.answerForms, rateLimitFields }),
      rateLimitFields,
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
  // Asked once, so that its bytes are known and its answer stands.
  await converse(made.port, post(KNOWN, OF_LANE)).closed
  await made.headersRead()
  await converse(made.port, post(KNOWN, OF_LANE)).closed
  await made.headersRead()
  if (made.handed !== 1) throw new Error('the question is not known by its bytes')
  Object.assign(made, { handed: 0, spent: 0 })
  return made
}

export function head(contentType: string, length: number): string {
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

export const post = (body: string, contentType: string) => head(contentType, body.length) + body

/** The lines of requests that came after the first two. */
export const linesOf = ({ lines }: Lane) => lines.filter(({ message }) => message === 'request').slice(2)

export const answersIn = (said: string) => said.split('HTTP/1.1 ').length - 1

/** All but what every answer has of its own. */
export function sameOf(said: string) {
  const { status, headers, body } = readAnswer(said)
  const { 'x-request-id': id, date, age, ...rest } = headers
  expect(id).toMatch(/^[\w-]{36}$/)
  return { status, headers: rest, body }
}

export async function startHalf(lane: Lane, body: string, contentType: string, sent = ''): Promise<Conversation> {
  const conversation = converse(lane.port, head(contentType, body.length) + sent)
  await lane.headersRead()
  return conversation
}
