import type { Clock } from '../model/clock.ts'
import type { Variables } from '../operations/cost.ts'
import type { Planner } from '../operations/planner.ts'
import type { Question } from '../operations/question.ts'
import { createFairStore } from '../store/fair-store.ts'
import { valueBytes } from './held-bytes.ts'

/**
 * Knows a question again by the very bytes that a partner asked it with, so that nobody parses them a second time. Of each
 * partner by itself, because one document id may mean two documents. Plans stay the planner's: what is remembered here names
 * its plan, and is forgotten with it. Who may ask what is settled on every request.
 */
export interface Questions {
  /** @param bytes the body, or the URL, each byte a character */
  known(bytes: string, partner: string): Question | undefined
  remember(bytes: string, question: Question, partner: string): void
}

export interface QuestionsOptions {
  readonly maxBytes: number
  readonly planner: Pick<Planner, 'held'>
  readonly clock: Clock
  readonly onEvict: () => void
}

/** Longer requests are read anew each time: they cost far more than their parsing. */
const MAX_REQUEST_BYTES = 16_384
/** A question, its place in the store and the key of its answer, beside its text and its values. */
const ENTRY_BYTES = 900

type Remembered = Omit<Question, 'plan'> & { readonly plan: string }

export function createQuestions({ maxBytes, planner, clock, onEvict }: QuestionsOptions): Questions {
  const store = createFairStore<Remembered>({ maxBytes, clock, onEvict })
  return {
    known(bytes, partner) {
      if (bytes.length > MAX_REQUEST_BYTES) return undefined
      const found = store.get(partner + bytes)
      const plan = found && planner.held(found.plan)
      return plan && { plan, variables: found.variables, cost: found.cost, key: found.key }
    },
    remember(bytes, { plan, variables, cost, key }, partner) {
      if (bytes.length > MAX_REQUEST_BYTES) return
      const entry = { plan: plan.key, variables, cost, key }
      store.set(partner + bytes, entry, bytesOf(bytes, variables), partner, Infinity)
    },
  }
}

function bytesOf(bytes: string, variables: Variables): number {
  return ENTRY_BYTES + bytes.length + valueBytes(variables)
}
