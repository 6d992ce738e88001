import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { createCompiler } from '../../src/graphql/compiler.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { createPlanner } from '../../src/operations/planner.ts'
import { LIMITS, schemaOf } from '../operations/planning.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'
import { startSmallGateway } from './small-gateway.ts'

const schema = schemaOf('type Query { a: Int b: Int again: Query }')
const planner = createPlanner({ schema, declarations: readDeclarations(schema), limits: LIMITS })
const planOf = (source: string) => planner.planFor({ source, document: parse(source), operationName: undefined })

describe('an operation', () => {
  test('is compiled when it is used again, once, and stays compiled while others come', () => {
    const compilerOf = createCompiler(schema)
    const plan = planOf('{ a }')
    expect(compilerOf(plan, 'used')).toBeNull()
    const compiled = compilerOf(plan, 'used')
    expect(compiled?.query({ a: 1 }, {}, {})).toEqual({ data: { a: 1 } })
    for (let other = 0; other < 2_000; other++) compilerOf(planOf(`{ other${other}: a }`), 'prepared')
    expect(compilerOf(plan, 'used')).toBe(compiled)
  })

  test('that is prepared is compiled before its first use', () => {
    const compilerOf = createCompiler(schema)
    const plan = planOf('{ a b }')
    const compiled = compilerOf(plan, 'prepared')
    expect(compiled).not.toBeNull()
    expect(compilerOf(plan, 'used')).toBe(compiled)
  })

  test.each([
    ['conditional', planOf('query ($b: Boolean!) { a @include(if: $b) }')],
    ['very large', { ...planOf('{ again { a } }'), fields: 301 }],
  ])('that is %s is interpreted, however often it comes and also where it is prepared', (_what, plan) => {
    const compilerOf = createCompiler(schema)
    for (const reason of ['prepared', 'used', 'used', 'used'] as const) expect(compilerOf(plan, reason)).toBeNull()
  })
})

test('a prepared operation is guarded as any other', async () => {
  const { prepare, ask, forbid } = await startSmallGateway({ Query: { mine: () => ({ id: 'r', value: 'v' }) } })
  prepare('{ mine { value } }')
  const alpha = viewerOf(ALPHA)
  expect(await ask(alpha, '{ mine { value } }')).toEqual({ data: { mine: { value: 'v' } }, errors: [] })
  forbid()
  await expect(ask(alpha, '{ mine { value } }')).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
