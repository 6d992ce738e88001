import { fileURLToPath } from 'node:url'
import { buildSchema, type GraphQLSchema, parse } from 'graphql'
import { loadSchema } from '../../src/graphql/schema.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import type { Plan } from '../../src/operations/plan.ts'
import { createPlanner, type Planner, type PlannerOptions } from '../../src/operations/planner.ts'

/** Plans for tests: over the partner schema, or over a small one with the same directives. */

export const LIMITS: PlannerOptions['limits'] = {
  maxTokens: 2_000,
  maxLength: 32_768,
  maxDepth: 16,
  maxAliases: 50,
  maxRootFields: 20,
  maxDirectives: 50,
  maxPageSize: 200,
  maxListKeys: 500,
  planEntries: 10,
}

export const partnerSchema = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)))

const DIRECTIVES = `
  enum SystemKey { PARTS_LOGISTICS WHOLESALE_FINANCE PRODUCTION_SCHEDULE }
  enum ViewerFact { PARTNER SITES ROLE WAVE }
  directive @source(system: SystemKey!) on FIELD_DEFINITION
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  directive @partition(by: [ViewerFact!]! = []) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION | OBJECT
  directive @lastKnownGood(maxAge: Int!) on FIELD_DEFINITION | OBJECT
  directive @cost(weight: String!) on FIELD_DEFINITION
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
`

export const schemaOf = (sdl: string): GraphQLSchema => buildSchema(DIRECTIVES + sdl)

export function plannerOf(schema = partnerSchema, limits: Partial<PlannerOptions['limits']> = {}): Planner {
  const declarations = readDeclarations(schema)
  return createPlanner({ schema, declarations, limits: { ...LIMITS, ...limits } })
}

/** A function that plans a document as it stands, each time anew. */
export function planning(schema = partnerSchema, limits: Partial<PlannerOptions['limits']> = {}) {
  return (source: string, operationName?: string): Plan =>
    plannerOf(schema, limits).planFor({ source, document: parse(source), operationName })
}

export function refusalOf(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** The messages of all problems behind a refusal. */
export function problemsOf(refusal: GatewayError): readonly string[] {
  if (!(refusal.cause instanceof AggregateError)) throw new Error('a refusal without its problems')
  return refusal.cause.errors.map((error: Error) => error.message)
}

/** Fragments F0, F1 and so on, each spreading the next one twice: written out, `body` stands there 2^levels times. */
export const doublingFragments = (levels: number, type: string, body: string): string =>
  Array.from({ length: levels }, (_, level) => {
    const inside = level + 1 < levels ? `...F${level + 1} ...F${level + 1}` : body
    return `fragment F${level} on ${type} { ${inside} }`
  }).join(' ')
