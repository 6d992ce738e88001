import { expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { GatewayError } from '../../src/model/errors.ts'
import type { Plan } from '../../src/operations/plan.ts'
import { documentIdOf, type Planner } from '../../src/operations/planner.ts'
import { questionOf } from '../../src/operations/question.ts'
import { createQuestions } from '../../src/responses/questions.ts'
import { partnerSchema, plannerOf } from './planning.ts'

const A = 'BPNL00000000RT01'
const B = 'BPNL00000000RT02'
const ENTRIES = 80
const FLOOD = 200

/** One of any number that differ in their names alone, with so many fields. */
function documentOf(name: string, fields = 2): string {
  const ids = Array.from({ length: fields - 1 }, (_, n) => `a${n}: id`)
  return `query ${name} { part(partNumber: "LR071050") { ${ids.join(' ')} } }`
}

function plannerFor(planEntries = ENTRIES): Planner {
  return plannerOf(partnerSchema, { planEntries, maxAliases: 1_000 })
}

const plan = (planner: Planner, source: string, owner: string): Plan =>
  planner.planFor({ source, document: parse(source), operationName: undefined }, 'query', owner)

const flood = (planner: Planner, owner: string, fields?: number, count = FLOOD): readonly Plan[] =>
  Array.from({ length: count }, (_, n) => plan(planner, documentOf(`Q${n}`, fields), owner))

const heldOf = (planner: Planner, plans: readonly Plan[]) => plans.filter(({ key }) => planner.held(key) !== undefined)

test('a document is planned once, and found by its key and by its hash', () => {
  const planner = plannerFor()
  const made = plan(planner, documentOf('Q'), A)
  expect(plan(planner, documentOf('Q'), B)).toBe(made)
  expect(planner.held(made.key)).toBe(made)
  expect(planner.known(documentIdOf(documentOf('Q')), undefined)).toBe(made)
  expect(planner.known(documentIdOf(documentOf('R')), undefined)).toBeUndefined()
})

test('however many documents come in, as many plans are kept as the bound says', () => {
  const planner = plannerFor()
  expect(heldOf(planner, flood(planner, A))).toHaveLength(ENTRIES)
})

test('a large document takes the room of several', () => {
  const planner = plannerFor()
  const plans = flood(planner, A, 100)
  expect(plans[0]?.fields).toBe(100)
  expect(heldOf(planner, plans)).toHaveLength(ENTRIES / 4)
})

test('a flood of documents of one partner leaves the plans of others', () => {
  const planner = plannerFor()
  const others = ['R', 'S', 'T'].map(name => plan(planner, documentOf(name), B))
  const flooding = flood(planner, A)
  expect(heldOf(planner, others)).toEqual(others)
  expect(heldOf(planner, flooding)).toHaveLength(ENTRIES - others.length)
})

test('so does a flood of large ones', () => {
  const planner = plannerFor()
  const others = ['R', 'S', 'T'].map(name => plan(planner, documentOf(name), B))
  const flooding = flood(planner, A, 200)
  expect(heldOf(planner, others)).toEqual(others)
  const held = heldOf(planner, flooding).length
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThanOrEqual((ENTRIES - others.length) / 8)
})

test('a document that alone is worth an eighth of all is planned, and pushes nothing out', () => {
  const planner = plannerFor()
  const kept = flood(planner, A, 2, ENTRIES)
  const large = plan(planner, documentOf('Large', 400), A)
  expect(large.fields).toBe(400)
  expect(planner.held(large.key)).toBeUndefined()
  expect(heldOf(planner, kept)).toEqual(kept)
})

test('what is kept for good stays through any flood', () => {
  const planner = plannerFor()
  const kept = planner.keep(documentOf('Trusted'))
  flood(planner, A)
  expect(kept).toHaveLength(1)
  expect(heldOf(planner, kept)).toEqual(kept)
  expect(planner.known(documentIdOf(documentOf('Trusted')), undefined)).toBe(kept[0])
})

test('a refused document is not kept', () => {
  const planner = plannerFor()
  const source = '{ nothing }'
  expect(() => plan(planner, source, A)).toThrow(GatewayError)
  expect(planner.known(documentIdOf(source), undefined)).toBeUndefined()
})

test('a document is known by its hash only once it is registered, and no longer than its plan is kept', () => {
  const planner = plannerFor()
  const source = documentOf('Registered')
  const id = documentIdOf(source)
  const made = plan(planner, source, A)
  expect([planner.known(id, undefined), planner.knownByHash(id, undefined)]).toEqual([made, undefined])
  planner.register(made)
  expect(planner.knownByHash(id, undefined)).toBe(made)
  flood(planner, A)
  expect(planner.knownByHash(id, undefined)).toBeUndefined()
  // It was another plan that was registered.
  plan(planner, source, A)
  expect(planner.knownByHash(id, undefined)).toBeUndefined()
})

test('a question is forgotten with its plan, and keeps no plan from going', () => {
  const planner = plannerFor()
  const questions = createQuestions({ maxBytes: 1_000_000, planner, clock: { now: () => 0 }, onEvict: () => {} })
  const own = questionOf(plan(planner, documentOf('Own'), A), undefined)
  const other = questionOf(plan(planner, documentOf('Other'), B), undefined)
  questions.remember('own', own, A)
  questions.remember('other', other, B)
  expect(questions.known('own', A)).toEqual(own)
  for (const { key } of flood(planner, A)) questions.remember(key, { ...own, plan: planner.held(key) ?? own.plan }, A)
  expect(questions.known('own', A)).toBeUndefined()
  expect(questions.known('other', B)).toEqual(other)
})
