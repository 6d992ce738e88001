import type { ExecutionResult } from 'graphql'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../observe/log.ts'
import type { Question } from '../operations/question.ts'
import { type WordedAnswer, wordAnswer } from './answering.ts'

/** Writes answers that did not come through the protocol library, as that would: the same words, members and headers. */
export type AnswerWriter = (question: Question, executed: ExecutedAnswer, requestId: string) => WrittenAnswer

export interface ExecutedAnswer {
  readonly result: ExecutionResult
  /** Milliseconds since the Unix epoch. */
  readonly freshUntilMs: number
}

export interface WrittenAnswer extends WordedAnswer {
  readonly json: string
}

export interface AnswerWriterOptions {
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

export function createAnswerWriter({ clock, log }: AnswerWriterOptions): AnswerWriter {
  return ({ plan }, { result: { data, errors, extensions }, freshUntilMs }, requestId) => {
    const made = { errors, data, maxAgeSeconds: plan.maxAgeSeconds ?? 0, freshUntilMs }
    const worded = wordAnswer(made, { requestId, nowMs: clock.now(), log })
    const members = { ...(worded.errors && { errors: worded.errors }), data, ...(extensions && { extensions }) }
    return { ...worded, json: JSON.stringify(members) }
  }
}
