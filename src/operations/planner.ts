import { hash } from 'node:crypto'
import { Kind, OperationTypeNode, parse } from 'graphql'
import { type Clock, systemClock } from '../model/clock.ts'
import { createFairStore } from '../store/fair-store.ts'
import { type AskedDocument, createPlan, type OperationKind, type Plan, type PlanOptions } from './plan.ts'

/**
 * Makes each plan once and keeps it: those of trusted documents for good, others within a bound that partners share
 * fairly. Called wherever a document comes in, and by what recognises a document that has come in before.
 */
export interface Planner {
  /**
   * The plan of one operation of a document, of that kind alone; `source` is the text that the document was parsed from,
   * `owner` whose share of the memory for plans it takes.
   */
  planFor(asked: AskedDocument, kind?: OperationKind, owner?: string): Plan
  /** The plan that was made of a query, by the SHA-256 of its document; undefined: none, or it is no longer kept. */
  known(documentId: string, operationName: string | undefined): Plan | undefined
  /** Plans every operation of a document that is a query, for as long as the process lives. Throws what `planFor` throws. */
  keep(source: string): readonly Plan[]
}

export interface PlannerOptions extends PlanOptions {
  readonly limits: PlanOptions['limits'] & {
    /** Plans kept in memory, beside those kept for good. */
    readonly planEntries: number
  }
  /** Default: the system's. */
  readonly clock?: Clock
}

/** One that alone takes more than an eighth of a bounded memory is not kept in it. */
const LEAST_PLANS = 8

export function createPlanner(options: PlannerOptions): Planner {
  const { clock = systemClock, limits } = options
  // Each plan counts as one, so that a flood of documents pushes out those of whoever sends it.
  const plans = createFairStore<Plan>({ maxBytes: Math.max(LEAST_PLANS, limits.planEntries), clock })
  const kept = new Map<string, Plan>()
  const named = (documentId: string, operationName: string | undefined, kind: OperationKind) =>
    `${kind} ${documentId} ${operationName === undefined ? 'only' : `named ${operationName}`}`
  const find = (name: string) => kept.get(name) ?? plans.get(name)
  return {
    planFor(asked, kind = 'query', owner = '') {
      const documentId = documentIdOf(asked.source)
      const name = named(documentId, asked.operationName, kind)
      const known = find(name)
      if (known) return known
      const plan = createPlan(options, asked, documentId, kind)
      plans.set(name, plan, 1, owner, Infinity)
      return plan
    },
    known: (documentId, operationName) => find(named(documentId, operationName, 'query')),
    keep(source) {
      const document = parse(source, { maxTokens: limits.maxTokens })
      const operations = document.definitions.filter(one => one.kind === Kind.OPERATION_DEFINITION)
      const names = operations.map(({ name }) => name?.value)
      return operations
        .filter(({ operation }) => operation === OperationTypeNode.QUERY)
        .map(({ name }) => {
          const documentId = documentIdOf(source)
          const plan = createPlan(options, { source, document, operationName: name?.value }, documentId, 'query')
          kept.set(named(documentId, name?.value, 'query'), plan)
          // A document of one operation is asked with its name and without.
          if (names.length === 1) kept.set(named(documentId, undefined, 'query'), plan)
          return plan
        })
    },
  }
}

/** What persisted documents go by: the SHA-256 of a document's text in UTF-8, in lower-case hexadecimal. */
export function documentIdOf(source: string): string {
  return hash('sha256', source)
}
