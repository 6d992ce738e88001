import { expect, test } from '@jest/globals'
import { createQuestions } from '../../src/responses/questions.ts'
import { ask } from './asking.ts'

const A = 'BPNL00000R000121'
const B = 'BPNL00000R00021C'
const body = '{"query":"{ restartStatus { headline } }"}'
const question = ask('{ part }')
const plans = new Map([[question.plan.key, question.plan]])

function questionsOf(maxBytes: number) {
  let evicted = 0
  const questions = createQuestions({
    maxBytes,
    planner: { held: key => plans.get(key) },
    clock: { now: () => 0 },
    onEvict: () => evicted++,
  })
  return { ...questions, evicted: () => evicted }
}

test('a question is known again by its very bytes, and by no others', () => {
  const questions = questionsOf(1_000_000)
  questions.remember(body, question, A)
  expect(questions.known(body, A)).toEqual(question)
  expect(questions.known(`${body} `, A)).toBeUndefined()
})

test('what one partner asked is not known of another: one document id may mean two documents', () => {
  const questions = questionsOf(1_000_000)
  questions.remember(body, question, A)
  expect(questions.known(body, B)).toBeUndefined()
})

test('a request of more than 16 KiB is not remembered', () => {
  const questions = questionsOf(1_000_000)
  const [long, longer] = ['x'.repeat(16_384), 'x'.repeat(16_385)]
  for (const bytes of [long, longer]) questions.remember(bytes, question, A)
  expect([questions.known(long, A), questions.known(longer, A)]).toEqual([question, undefined])
})

test('a partner that never asks the same twice pushes out its own, and what goes is counted', () => {
  const questions = questionsOf(100_000)
  questions.remember(body, question, B)
  for (let n = 0; n < 1_000; n++) questions.remember(`${body}${n}`, question, A)
  expect(questions.known(body, B)).toEqual(question)
  expect(questions.known(`${body}0`, A)).toBeUndefined()
  expect(questions.known(`${body}999`, A)).toEqual(question)
  expect(questions.evicted()).toBeGreaterThan(800)
})

test('a question is forgotten with its plan, which is kept elsewhere', () => {
  const questions = questionsOf(1_000_000)
  const other = ask('{ invoices }')
  questions.remember(body, other, A)
  expect(questions.known(body, A)).toBeUndefined()
})
