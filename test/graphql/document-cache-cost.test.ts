import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { planOperation } from '../../src/graphql/planned-operation.ts'
import { plannerOf, schemaOf } from '../operations/planning.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'

const planner = plannerOf(schemaOf('type Query { plain: String dear: String @cost(weight: "2.5") }'))

async function costOf(source: string, isRegistered = false): Promise<number> {
  let spent = 0
  const spend = async (_viewer: unknown, cost: number) => {
    spent += cost
  }
  const asked = { source, document: parse(source), operationName: undefined, variables: {}, kind: 'query' } as const
  await planOperation({ planner, assertTrusted: () => {}, spend }, { ...asked, isRegistered }, viewerOf(ALPHA))
  return spent
}

describe('an operation', () => {
  test('costs something, whatever it asks', async () => {
    expect(await costOf('{ __typename }')).toBe(1)
    expect(await costOf('{ dear }')).toBe(3)
  })

  test('costs more the longer the document is that it has kept', async () => {
    expect(await costOf('{ __typename }', true)).toBe(2)
    expect(await costOf(`{ __typename } #${'x'.repeat(10_000)}`, true)).toBe(12)
    expect(await costOf(`{ __typename } #${'x'.repeat(10_000)}`)).toBe(1)
  })
})
