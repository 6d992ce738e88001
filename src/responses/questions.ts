import type { Clock } from '../model/clock.ts'
import type { Question } from '../operations/question.ts'
import { createFairStore } from '../store/fair-store.ts'

/**
 * Knows a question again by the very bytes that a partner asked it with, so that nobody parses them a second time. Of each
 * partner by itself, because one document id may mean two documents. Who may ask what is settled on every request.
 */
export interface Questions {
  /** @param bytes the body, or the URL, each byte a character */
  known(bytes: string, partner: string): Question | undefined
  remember(bytes: string, question: Question, partner: string): void
}

export interface QuestionsOptions {
  readonly maxBytes: number
  readonly clock: Clock
  readonly onEvict: () => void
}

/** Longer requests are read anew each time: they cost far more than their parsing. */
const MAX_REQUEST_BYTES = 16_384
/** A question and its place in the store, beside its text, which is there twice: as bytes, and as values. */
const ENTRY_BYTES = 700
const COPIES = 3

export function createQuestions({ maxBytes, clock, onEvict }: QuestionsOptions): Questions {
  const store = createFairStore<Question>({ maxBytes, clock, onEvict })
  return {
    known: (bytes, partner) => (bytes.length > MAX_REQUEST_BYTES ? undefined : store.get(partner + bytes)),
    remember(bytes, question, partner) {
      if (bytes.length > MAX_REQUEST_BYTES) return
      store.set(partner + bytes, question, ENTRY_BYTES + bytes.length * COPIES, partner, Infinity)
    },
  }
}
