import type { Clock } from '../model/clock.ts'
import type { Counters } from '../observe/counters.ts'
import { type AnswerKeysOptions, createAnswerKeys } from './answer-key.ts'
import { type Answers, type AnswersOptions, createAnswers } from './answers.ts'
import { createCompressor } from './content-coding.ts'
import { createQuestions, type Questions, type QuestionsOptions } from './questions.ts'
import { createRestartVersion, type RestartVersionOptions } from './restart-version.ts'

/** The response cache as configured: questions known by their bytes, and their finished answers. Built by the composition root. */
export interface Responses {
  readonly questions: Questions
  readonly answers: Answers
}

export interface ResponsesOptions
  extends RestartVersionOptions,
    Pick<AnswerKeysOptions, 'recovery' | 'gate'>,
    Pick<QuestionsOptions, 'planner'>,
    Pick<AnswersOptions, 'execute' | 'write'> {
  readonly clock: Clock
  readonly counters: Counters
}

export function createResponses(
  { bytes, questionBytes }: { readonly bytes: number; readonly questionBytes: number },
  { recovery, gate, planner, healthOf, execute, write, clock, counters }: ResponsesOptions,
): Responses {
  const restartVersion = createRestartVersion({ recovery, healthOf })
  const outcome = (name: string) => counters.counter('response_cache_lookups', { outcome: name })
  const lookups = { HIT: outcome('hit'), MISS: outcome('miss'), SHARED: outcome('shared'), SKIPPED: outcome('skipped') }
  const evicted = (cache: string, reason: string) => counters.counter('cache_evictions', { cache, reason })
  const evictions = { room: evicted('responses', 'room'), expired: evicted('responses', 'expired') }
  return {
    questions: createQuestions({ maxBytes: questionBytes, planner, clock, onEvict: evicted('questions', 'room') }),
    answers: createAnswers({
      maxBytes: bytes,
      keys: createAnswerKeys({ recovery, gate, restartVersion }),
      execute,
      write,
      compressor: createCompressor(),
      clock,
      onLookup: by => lookups[by](),
      onEvict: reason => evictions[reason](),
    }),
  }
}
