import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'graphql'
import { GatewayError } from '../../src/model/errors.ts'
import { type AnyRequest, anyRequests } from './documents.ts'
import { plannerOf } from './planning.ts'

test('any document that parses has a plan and a cost, or is refused with a typed error', () => {
  const planner = plannerOf()
  const outcomes = new Map<string, number>()

  function outcomeOf({ source, operationName, variables }: AnyRequest): string {
    try {
      const plan = planner.planFor({ source, document: parse(source), operationName })
      const cost = plan.costOf(plan.coerceVariables(variables))
      expect(Number.isFinite(cost) && cost >= 0).toBe(true)
      return 'planned'
    } catch (error) {
      // Anything but the gateway's own refusal is a defect.
      if (!(error instanceof GatewayError)) throw error
      expect(error.httpStatus).toBe(400)
      return error.code
    }
  }

  fc.assert(
    fc.property(anyRequests, request => {
      const outcome = outcomeOf(request)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }),
    { numRuns: 1_500 },
  )
  // Of each kind enough to mean something.
  for (const kind of ['planned', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'OPERATION_RESOLUTION_FAILURE'])
    expect([kind, (outcomes.get(kind) ?? 0) > 20]).toEqual([kind, true])
})
