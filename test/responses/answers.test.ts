import { beforeEach, describe, expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import type { Viewer } from '../../src/model/viewer.ts'
import type { Question } from '../../src/operations/question.ts'
import { createAnswerKeys } from '../../src/responses/answer-key.ts'
import { type Answered, type Answers, createAnswers, type Executed } from '../../src/responses/answers.ts'
import { createCompressor } from '../../src/responses/content-coding.ts'
import { createGate } from '../../src/systems/gate.ts'
import { type DeclaredRecovery, declaredState, recoveryOf } from '../support/declared-recovery.ts'
import { ask, viewerWith } from './asking.ts'

const AVAILABILITY = ask('{ availability(number: "1") }')
const INVOICES = ask('{ invoices }')
const [A, B] = [viewerWith(), viewerWith({ bpnl: 'BPNL00000000BBBB', name: 'B' })]
const SECOND = 1_000

let now: number
let recovery: DeclaredRecovery
let executions: {
  readonly question: Question
  readonly viewer: Viewer
  land(made: Partial<Executed>): void
  fail(error: Error): void
}[]
let lookups: string[]
let evicted: number
let disabled: Set<string>
let answers: Answers

beforeEach(() => {
  now = 1_000_000
  recovery = recoveryOf()
  executions = []
  lookups = []
  evicted = 0
  disabled = new Set()
  answers = answersWithin(1_000_000)
})

function answersWithin(maxBytes: number): Answers {
  const gate = createGate(recovery, ({ partner }) => {
    if (disabled.has(partner.bpnl)) throw new Error(`${partner.name} is disabled`)
  })
  return createAnswers({
    maxBytes,
    keys: createAnswerKeys({ recovery, gate, restartVersion: () => '' }),
    execute: (question, viewer) =>
      new Promise((resolve, reject) => {
        executions.push({
          question,
          viewer,
          land: made =>
            resolve({ result: { data: { by: viewer.partner.name } }, freshUntilMs: now + 30 * SECOND, ...made }),
          fail: reject,
        })
      }),
    write: (_, { data }) => JSON.stringify({ data }),
    compressor: createCompressor(),
    clock: { now: () => now },
    onLookup: by => lookups.push(by),
    onEvict: () => void evicted++,
  })
}

const answer = (question: Question, viewer: Viewer = A) => answers.answer(question, viewer, 'request')
const text = (answered: Answered) => ('finished' in answered ? answered.finished.body.toString() : answered.result)
async function kept(question: Question, viewer: Viewer = A): Promise<Answered> {
  const answered = answer(question, viewer)
  executions.at(-1)?.land({})
  return answered
}

/** Lets everything that waits for nothing more come to its end. */
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('an answer', () => {
  test('is executed once, and given at once from then on, the same bytes', async () => {
    const first = await kept(AVAILABILITY)
    const second = answer(AVAILABILITY)
    expect(second).not.toBeInstanceOf(Promise)
    expect(second).toEqual({ by: 'HIT', finished: 'finished' in first && first.finished })
    expect([executions.length, lookups]).toEqual([1, ['MISS', 'HIT']])
  })

  test('is shared by partners whom the question does not tell apart, and by no others', async () => {
    await kept(AVAILABILITY, A)
    expect(text(await answer(AVAILABILITY, B))).toBe('{"data":{"by":"A"}}')
    await kept(INVOICES, A)
    expect(text(await kept(INVOICES, B))).toBe('{"data":{"by":"B"}}')
  })

  test('is given until the oldest part of it is no longer fresh', async () => {
    const first = answer(AVAILABILITY)
    executions[0]?.land({ freshUntilMs: now + 10 * SECOND })
    await first
    now += 10 * SECOND - 1
    expect(answer(AVAILABILITY)).toMatchObject({ by: 'HIT' })
    now += 1
    expect(answer(AVAILABILITY)).toBeInstanceOf(Promise)
    expect(executions).toHaveLength(2)
  })

  test.each<[string, Partial<Executed>]>([
    ['an error in it', { result: { data: { availability: null }, errors: [new GraphQLError('no')] } }],
    ['no data', { result: { data: null } }],
    ['no time to be fresh', { freshUntilMs: 0 }],
  ])('is not kept with %s', async (_, made) => {
    const first = answer(AVAILABILITY)
    executions[0]?.land(made)
    expect(await first).toMatchObject({ by: 'MISS', result: {} })
    expect(answer(AVAILABILITY)).toBeInstanceOf(Promise)
    expect(executions).toHaveLength(2)
  })

  test('is out of reach as soon as its system closes, and stays so when it opens again', async () => {
    await kept(AVAILABILITY)
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } }))
    const whileClosed = answer(AVAILABILITY)
    executions[1]?.land({})
    expect(await whileClosed).toMatchObject({ by: 'SKIPPED' })
    recovery.declare(declaredState())
    expect(answer(AVAILABILITY)).toBeInstanceOf(Promise)
  })

  test('that was being made when its system closed is not kept for after it opens again', async () => {
    const first = answer(AVAILABILITY)
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } }))
    recovery.declare(declaredState())
    executions[0]?.land({})
    expect(await first).not.toHaveProperty('finished')
    expect(answer(AVAILABILITY)).toBeInstanceOf(Promise)
  })

  test('of a partner that was disabled is given to nobody', async () => {
    await kept(INVOICES)
    disabled.add(A.partner.bpnl)
    expect(() => answer(INVOICES)).toThrow('A is disabled')
  })
})

describe('a crowd with one question', () => {
  test('costs one execution, and all get the same bytes', async () => {
    const crowd = Array.from({ length: 10_000 }, (_, n) => answer(AVAILABILITY, n % 2 === 0 ? A : B))
    await settled()
    expect(executions).toHaveLength(1)
    executions[0]?.land({})
    const texts = new Set((await Promise.all(crowd)).map(text))
    expect(texts).toEqual(new Set(['{"data":{"by":"A"}}']))
    expect(executions).toHaveLength(1)
  })

  test('of two partners costs two, and nobody gets what is the other one’s', async () => {
    const crowd = Array.from({ length: 10_000 }, (_, n) => ({ n, made: answer(INVOICES, n % 2 === 0 ? A : B) }))
    for (const execution of executions) execution.land({})
    for (const { n, made } of crowd) expect(text(await made)).toBe(`{"data":{"by":"${n % 2 === 0 ? 'A' : 'B'}"}}`)
    expect(executions).toHaveLength(2)
  })

  test('shares a failure of the system, which nobody keeps', async () => {
    const crowd = [answer(AVAILABILITY, A), answer(AVAILABILITY, B)]
    await settled()
    const result = { data: { availability: null }, errors: [new GraphQLError('the system is away')] }
    executions[0]?.land({ result })
    expect(await Promise.all(crowd)).toMatchObject([
      { by: 'MISS', result },
      { by: 'SHARED', result },
    ])
    expect(executions).toHaveLength(1)
    void answer(AVAILABILITY)
    expect(executions).toHaveLength(2)
  })

  test("does not share the leader's own refusal: whoever waits next leads", async () => {
    const [leader, ...others] = [answer(AVAILABILITY, A), answer(AVAILABILITY, B), answer(AVAILABILITY, B)]
    await settled()
    executions[0]?.fail(new Error('A lost its rights meanwhile'))
    await expect(leader).rejects.toThrow('A lost its rights')
    await settled()
    expect(executions.map(({ viewer }) => viewer)).toEqual([A, B])
    executions[1]?.land({})
    expect((await Promise.all(others)).map(text)).toEqual(Array(2).fill('{"data":{"by":"B"}}'))
  })

  test('whose system closes and opens meanwhile asks again, and has nothing from before', async () => {
    const crowd = [answer(AVAILABILITY, A), answer(AVAILABILITY, B)]
    await settled()
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } }))
    recovery.declare(declaredState())
    executions[0]?.land({})
    await settled()
    expect(executions).toHaveLength(2)
    executions[1]?.land({})
    expect(await crowd[1]).toMatchObject({ by: 'MISS' })
  })

  test('whoever is disabled while it waits gets nothing', async () => {
    const [leader, waiting] = [answer(AVAILABILITY, A), answer(AVAILABILITY, B)]
    await settled()
    disabled.add(B.partner.bpnl)
    executions[0]?.land({})
    await expect(waiting).rejects.toThrow('B is disabled')
    await expect(leader).resolves.toMatchObject({ by: 'MISS' })
  })
})

test('a partner that floods the cache pushes out its own answers, not those of others', async () => {
  answers = answersWithin(100_000)
  for (let n = 0; n < 20; n++) await kept(ask('query ($n: String) { invoices part(number: $n) }', { n: `hot ${n}` }), B)
  for (let n = 0; n < 2_000; n++)
    await kept(ask('query ($n: String) { invoices part(number: $n) }', { n: `flood ${n}` }), A)
  expect(evicted).toBeGreaterThan(1_500)
  for (let n = 0; n < 20; n++)
    expect(answer(ask('query ($n: String) { invoices part(number: $n) }', { n: `hot ${n}` }), B)).toMatchObject({
      by: 'HIT',
    })
})

test('a cache of no bytes keeps nothing and shares nothing', async () => {
  answers = answersWithin(0)
  const both = [answer(AVAILABILITY), answer(AVAILABILITY)]
  for (const execution of executions) execution.land({})
  expect(await Promise.all(both)).toMatchObject([{ by: 'SKIPPED' }, { by: 'SKIPPED' }])
})
