import { parse } from 'graphql'
import type { Partner, Viewer } from '../../src/model/viewer.ts'
import { type Question, questionOf } from '../../src/operations/question.ts'
import { plannerOf, schemaOf } from '../operations/planning.ts'

/** Questions and viewers for tests of the response cache, over a schema in which each field depends on something else. */

export const SCHEMA = schemaOf(`
  type Query {
    part(number: String): String
      @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["x"]]) @partition(by: []) @cacheControl(maxAge: 60)
    availability(number: String): String
      @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["x"]]) @partition(by: [SITES]) @cacheControl(maxAge: 30)
    invoices: String
      @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["x"]]) @partition(by: [PARTNER]) @cacheControl(maxAge: 15)
    now: String
      @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["x"]]) @partition(by: [PARTNER])
    status: String @partition(by: [ROLE, WAVE]) @cacheControl(maxAge: 5)
    me: String @partition(by: [PARTNER]) @cacheControl(maxAge: 0)
  }
`)

const planner = plannerOf(SCHEMA, { planEntries: 1_000 })

export function ask(source: string, variables: Readonly<Record<string, unknown>> = {}): Question {
  return questionOf(planner.planFor({ source, document: parse(source), operationName: undefined }), variables)
}

export function viewerWith(partner: Partial<Partner> = {}, given: Partial<Omit<Viewer, 'partner'>> = {}): Viewer {
  return {
    partner: { bpnl: 'BPNL00000000AAAA', name: 'A', roles: ['RETAILER'], sites: ['S1', 'S2'], wave: 1, ...partner },
    clientId: 'a client',
    scopes: new Set(['x']),
    epoch: '1',
    operationCostLimit: 1_000,
    costPerMinute: 1_000,
    ...given,
  }
}
