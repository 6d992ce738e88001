import { hash } from 'node:crypto'
import { Kind, OperationTypeNode, parse } from 'graphql'
import { type Clock, systemClock } from '../model/clock.ts'
import { createFairStore } from '../store/fair-store.ts'
import { type AskedDocument, createPlan, type OperationKind, type Plan, type PlanOptions, planKey } from './plan.ts'

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
  /** The same, only where a client has registered the document to be asked by its hash. */
  knownByHash(documentId: string, operationName: string | undefined): Plan | undefined
  /** The plan with this key; undefined: it is no longer kept. */
  held(key: string): Plan | undefined
  /** Says that the plan's document may be asked by its hash. */
  register(plan: Plan): void
  /** Plans every operation of a document that is a query, for as long as the process lives. Throws what `planFor` throws. */
  keep(source: string): readonly Plan[]
}

export interface PlannerOptions extends PlanOptions {
  readonly limits: PlanOptions['limits'] & {
    /** Plans of usual size that are kept in memory, beside those kept for good. */
    readonly planEntries: number
  }
  /** Default: the system's. */
  readonly clock?: Clock
}

/** One that alone takes more than an eighth of a bounded memory is not kept in it. */
const LEAST_PLANS = 8
/** Fields of a plan of usual size: with its document and its compiled parts, each takes up to a kilobyte. */
const USUAL_FIELDS = 25

export function createPlanner(options: PlannerOptions): Planner {
  const { clock = systemClock, limits } = options
  // A flood of documents pushes out those of whoever sends it, and a large one counts as several.
  const plans = createFairStore<Plan>({ maxBytes: Math.max(LEAST_PLANS, limits.planEntries), clock })
  const kept = new Map<string, Plan>()
  const registered = new WeakSet<Plan>()
  const held = (key: string) => kept.get(key) ?? plans.get(key)
  const known = (documentId: string, operationName: string | undefined) =>
    held(planKey(documentId, operationName, 'query'))
  return {
    planFor(asked, kind = 'query', owner = '') {
      const documentId = documentIdOf(asked.source)
      const key = planKey(documentId, asked.operationName, kind)
      const found = held(key)
      if (found) return found
      const plan = createPlan(options, asked, documentId, kind)
      plans.set(key, plan, Math.ceil(plan.fields / USUAL_FIELDS), owner, Infinity)
      return plan
    },
    known,
    knownByHash(documentId, operationName) {
      const plan = known(documentId, operationName)
      return plan !== undefined && registered.has(plan) ? plan : undefined
    },
    held,
    register: plan => void registered.add(plan),
    keep(source) {
      const document = parse(source, { maxTokens: limits.maxTokens })
      const operations = document.definitions.filter(one => one.kind === Kind.OPERATION_DEFINITION)
      const names = operations.map(({ name }) => name?.value)
      return operations
        .filter(({ operation }) => operation === OperationTypeNode.QUERY)
        .map(({ name }) => {
          const documentId = documentIdOf(source)
          const plan = createPlan(options, { source, document, operationName: name?.value }, documentId, 'query')
          kept.set(plan.key, plan)
          // A document of one operation is asked with its name and without.
          if (names.length === 1) kept.set(planKey(documentId, undefined, 'query'), plan)
          return plan
        })
    },
  }
}

/** What persisted documents go by: the SHA-256 of a document's text in UTF-8, in lower-case hexadecimal. */
export function documentIdOf(source: string): string {
  return hash('sha256', source)
}
