import type { ExecutionResult } from 'graphql'
import type { Clock } from '../model/clock.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'
import { createFairStore } from '../store/fair-store.ts'
import type { AnswerKeys } from './answer-key.ts'
import type { Compressor } from './content-coding.ts'
import { type AnswerSurroundings, createFinishedAnswer, type FinishedAnswer } from './finished-answer.ts'
import { bufferBytes } from './held-bytes.ts'

/**
 * The response cache: answers as finished bytes, each under a key that names all it depends on, and one flight per key, so
 * that a crowd with one question costs one execution. Called after a request has been admitted, on every request; it
 * decides nothing about rights, but asks for the key, and so the gate, before it gives anything and again after any wait.
 */
export interface Answers {
  /** At once where the answer is there. Rejects with what the execution throws. */
  answer(question: Question, viewer: Viewer, requestId: string): Answered | Promise<Answered>
  /**
   * The answer, where it is there; undefined: it has to be made. Throws where the viewer has lost its rights. Not counted:
   * for whoever may leave it to another, and calls `countHit` where not.
   */
  find(question: Question, viewer: Viewer): FinishedAnswer | undefined
  /** Whether an execution that somebody else asked for is on its way to answer it. Throws as `find` does. */
  isUnderWay(question: Question, viewer: Viewer): boolean
  countHit(): void
  /** Partners who wait for an answer that is not there. */
  waiting(): number
  /** Makes the answer be there for whoever asks next; rejects where it cannot be kept. */
  refresh(question: Question, viewer: Viewer): Promise<void>
}

export type Answered =
  | { readonly by: 'HIT' | 'SHARED' | 'MISS'; readonly finished: FinishedAnswer }
  /** An answer that is not kept: it has errors, or no time to be fresh. */
  | ({ readonly by: 'SHARED' | 'MISS' | 'SKIPPED' } & Executed)

export interface Executed {
  readonly result: ExecutionResult
  /** Until when all of it is fresh, in milliseconds since the Unix epoch; in the past: it is not to be kept. */
  readonly freshUntilMs: number
}

export interface AnswersOptions {
  /** Most that finished answers take together, in bytes; 0: none are kept, and no flight is shared. */
  readonly maxBytes: number
  readonly keys: AnswerKeys
  readonly execute: (question: Question, viewer: Viewer, requestId: string) => Promise<Executed>
  /** The JSON of an answer without errors. */
  readonly write: (question: Question, result: ExecutionResult) => string
  readonly compressor: Compressor
  readonly clock: Clock
  readonly onLookup: (by: Answered['by']) => void
  readonly onEvict: (reason: 'room' | 'expired') => void
}

/** An entry with its key, its place in the maps and its tag, beside the body. */
const ENTRY_BYTES = 700

type Flight = Promise<FinishedAnswer | Executed>

export function createAnswers(options: AnswersOptions): Answers {
  const { maxBytes, keys, execute, write, compressor, clock, onLookup, onEvict } = options
  const store = createFairStore<FinishedAnswer>({ maxBytes, clock, onEvict })
  const flights = new Map<string, Flight>()
  let waiting = 0

  const surroundings: AnswerSurroundings = {
    compressor,
    onGrown: (key, answer, bytes) => store.resize(key, answer, bytesOf(answer) + bytes),
  }

  function keep(key: string, body: Buffer, question: Question, viewer: Viewer, freshUntilMs: number): FinishedAnswer {
    const maxAgeSeconds = question.plan.maxAgeSeconds ?? 0
    const finished = createFinishedAnswer({ key, body, maxAgeSeconds, freshUntilMs }, surroundings)
    store.set(key, finished, bytesOf(finished), viewer.partner.bpnl, freshUntilMs)
    return finished
  }

  async function fly(key: string, question: Question, viewer: Viewer, requestId: string): Flight {
    const executed = await execute(question, viewer, requestId)
    const { result, freshUntilMs } = executed
    const isWhole = result.data != null && (result.errors === undefined || result.errors.length === 0)
    // What a system said before it closed is not kept for whoever asks after it opened again.
    if (!isWhole || freshUntilMs <= clock.now() || keys.keyFor(question, viewer) !== key) return executed
    return keep(key, ownBytes(write(question, result)), question, viewer, freshUntilMs)
  }

  async function lead(key: string, question: Question, viewer: Viewer, requestId: string): Promise<Answered> {
    const flight = fly(key, question, viewer, requestId)
    flights.set(key, flight)
    try {
      return answered('MISS', await flight)
    } finally {
      flights.delete(key)
    }
  }

  /** Null: the flight's answer is not this viewer's any more, or its own failure was not. */
  async function join(flight: Flight, key: string, question: Question, viewer: Viewer): Promise<Answered | null> {
    const landed = await flight.catch(() => null)
    if (landed === null || keys.keyFor(question, viewer) !== key) return null
    return answered('SHARED', landed)
  }

  async function alone(question: Question, viewer: Viewer, requestId: string): Promise<Answered> {
    return { by: 'SKIPPED', ...(await execute(question, viewer, requestId)) }
  }

  async function awaited(question: Question, viewer: Viewer, requestId: string): Promise<Answered> {
    for (;;) {
      const key = maxBytes === 0 ? null : keys.keyFor(question, viewer)
      if (key === null) return alone(question, viewer, requestId)
      const found = store.get(key)
      if (found !== undefined) return { by: 'HIT', finished: found }
      const flight = flights.get(key)
      if (flight === undefined) return lead(key, question, viewer, requestId)
      const joined = await join(flight, key, question, viewer)
      if (joined !== null) return joined
    }
  }

  async function waitFor(question: Question, viewer: Viewer, requestId: string): Promise<Answered> {
    waiting++
    try {
      const outcome = await awaited(question, viewer, requestId)
      onLookup(outcome.by)
      return outcome
    } finally {
      waiting--
    }
  }

  function find(question: Question, viewer: Viewer): FinishedAnswer | undefined {
    const key = maxBytes === 0 ? null : keys.keyFor(question, viewer)
    return key === null ? undefined : store.get(key)
  }

  return {
    find,
    isUnderWay(question, viewer) {
      const key = maxBytes === 0 ? null : keys.keyFor(question, viewer)
      return key !== null && flights.has(key)
    },
    countHit: () => onLookup('HIT'),
    answer(question, viewer, requestId) {
      const finished = find(question, viewer)
      if (finished === undefined) return waitFor(question, viewer, requestId)
      onLookup('HIT')
      return { by: 'HIT', finished }
    },
    waiting: () => waiting,
    async refresh(question, viewer) {
      if (!('finished' in (await awaited(question, viewer, 'warm-up')))) throw new Error('the answer was not whole')
    },
  }
}

function answered(by: 'SHARED' | 'MISS', landed: FinishedAnswer | Executed): Answered {
  return 'body' in landed ? { by, finished: landed } : { by, ...landed }
}

function bytesOf({ body }: FinishedAnswer): number {
  return ENTRY_BYTES + bufferBytes(body)
}

/** In memory of its own: a slice of a pool would keep the whole pool alive, and count for nothing. */
function ownBytes(json: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json))
  bytes.write(json)
  return bytes
}
