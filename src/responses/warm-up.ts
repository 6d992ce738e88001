import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import type { Question } from '../operations/question.ts'
import type { Recovery } from '../recovery/recovery.ts'
import { createAskedQuestions } from './warm-up-questions.ts'

/**
 * Asks what is asked most again as soon as a system opens, so that the crowd that waited for it finds warm caches. Called
 * on every question and told by the recovery of each opening. It gives way to partners, spares a system that fails, and
 * spends nothing of anybody's budget: nobody is told of it.
 */
export interface WarmUp {
  /** Counts a question, as asked so many times: one that was answered, and as well one that was refused because its system is closed. */
  asked(question: Question, viewer: Viewer, times?: number): void
  /** Ends what is under way, after the questions that are being asked; it never begins again. */
  stop(): Promise<void>
}

export interface WarmUpOptions {
  readonly recovery: Recovery
  readonly isServedTo: (system: SystemKey, viewer: Viewer) => boolean
  /** Whether the viewer still has the rights that it was made with. */
  readonly isCurrent: (viewer: Viewer) => boolean
  /** Answers the question into the caches, as the viewer would be answered; rejects where it cannot be answered whole. */
  readonly refresh: (question: Question, viewer: Viewer) => Promise<void>
  /**
   * Whether partners are being answered just now, who come first. Said by whoever counts their requests: how busy the
   * event loop is says less, because a loop that waits for systems is idle while requests pile up.
   */
  readonly isBusy: () => boolean
  /** Most questions asked after an opening; 0: none. */
  readonly questions: number
  /** Most of them at a time. */
  readonly atOnce: number
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'error'>
  readonly counters: Counters
}

/** Why a run has ended. */
type RunEnd = 'DONE' | 'OVERTAKEN' | 'FAILING' | 'TOO_LATE' | 'STOPPING'

/** Memory for what was asked, for each question that may be asked again: room for some that turn out not to be. */
const BYTES_A_QUESTION = 16_384
/** However few: no single question takes more than an eighth. */
const LEAST_BYTES = 1_048_576
const MAX_FAILURES_IN_A_ROW = 3
/** How long to leave it to busy partners before looking again. */
const PAUSE_MS = 20
/** Whoever waited for the system has asked by then. */
const MAX_RUN_MS = 300_000

export function createWarmUp(options: WarmUpOptions): WarmUp {
  const { recovery, isServedTo, isCurrent, refresh, isBusy, questions, atOnce, clock, log, counters } = options
  const maxBytes = Math.max(LEAST_BYTES, questions * BYTES_A_QUESTION)
  const asked = createAskedQuestions({ maxBytes, clock })
  const count = {
    refreshed: counters.counter('warm_up_questions', { outcome: 'refreshed' }),
    failed: counters.counter('warm_up_questions', { outcome: 'failed' }),
    skipped: counters.counter('warm_up_questions', { outcome: 'skipped' }),
  }
  /** The last run of each system; the next one waits for it. */
  const runs = new Map<SystemKey, Promise<void>>()
  let isStopping = false

  const stopListening = recovery.onChange((before, after) => {
    for (const system of SYSTEM_KEYS) {
      const epoch = after.epochs[system]
      if (before.epochs[system] === epoch) continue
      const previous = runs.get(system) ?? Promise.resolve()
      const next = previous
        .then(() => run(system, epoch))
        // Caches stay cold, and partners warm them.
        .catch((error: unknown) => log.error({ system, error }, 'what is asked most could not be asked again'))
      runs.set(system, next)
    }
  })

  async function run(system: SystemKey, epoch: string): Promise<void> {
    const mayAsk = (viewer: Viewer) => isCurrent(viewer) && isServedTo(system, viewer)
    const isOvertaken = () => recovery.current().epochs[system] !== epoch
    if (isStopping || isOvertaken()) return
    const chosen = asked.hottest(system, questions, mayAsk)
    if (chosen.length === 0) return
    log.info({ system, questions: chosen.length }, 'a system has opened: what is asked most is asked again')

    const told = { refreshed: 0, failed: 0, skipped: 0 }
    const tell = (outcome: keyof typeof told) => {
      told[outcome] += 1
      count[outcome]()
    }
    const startedMs = clock.now()
    let failuresInARow = 0
    let failure: unknown

    const ended = (): RunEnd | null => {
      if (isStopping) return 'STOPPING'
      if (isOvertaken()) return 'OVERTAKEN'
      if (failuresInARow >= MAX_FAILURES_IN_A_ROW) return 'FAILING'
      return clock.now() - startedMs > MAX_RUN_MS ? 'TOO_LATE' : null
    }

    async function giveWay(): Promise<void> {
      await setImmediate()
      while (isBusy() && ended() === null) await setTimeout(PAUSE_MS)
    }

    let position = 0
    async function ask(): Promise<void> {
      while (position < chosen.length) {
        await giveWay()
        const next = ended() === null ? chosen[position++] : undefined
        if (next === undefined) return
        if (!mayAsk(next.viewer)) {
          tell('skipped')
          continue
        }
        try {
          await refresh(next.question, next.viewer)
          failuresInARow = 0
          tell('refreshed')
        } catch (thrown) {
          failuresInARow += 1
          failure = thrown
          tell('failed')
        }
      }
    }

    await Promise.all(Array.from({ length: Math.min(atOnce, chosen.length) }, ask))
    const { refreshed, failed, skipped } = told
    const isDone = refreshed + failed + skipped === chosen.length
    const end = isDone ? 'DONE' : ended()
    const ms = clock.now() - startedMs
    log.info({ system, end, ...told, ms, ...(failed > 0 && { failure }) }, 'what is asked most has been asked again')
  }

  return {
    asked(question, viewer, times = 1) {
      if (questions > 0 && question.plan.systems.size > 0) asked.count(question, viewer, times)
    },
    async stop() {
      isStopping = true
      stopListening()
      await Promise.all(runs.values())
    },
  }
}
