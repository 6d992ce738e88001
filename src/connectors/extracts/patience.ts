import { abortable } from '../abortable.ts'

/**
 * Bounds how long a directory may take for an answer: a file server that is gone never gives one, and what was asked of it
 * cannot be taken back. Called by `drops.ts`.
 */
export interface Patience {
  /** As the answer settles, or rejects when the time is up or the signal aborts. */
  wait<T>(answer: Promise<T>): Promise<T>
  /** An answer that was given up is still due: each one more would hold one of the process's few threads for files. */
  isDue(): boolean
}

export interface PatienceOptions {
  readonly directory: string
  /** Milliseconds. */
  readonly answerMs: number
  readonly signal: AbortSignal
}

export function createPatience({ directory, answerMs, signal }: PatienceOptions): Patience {
  let due = 0
  return {
    async wait(answer) {
      due += 1
      const settled = () => {
        due -= 1
      }
      answer.then(settled, settled)
      const timer = new AbortController()
      const late = () => timer.abort(new Error(`${directory}: does not answer; it was given ${answerMs / 1_000} s`))
      const timeout = setTimeout(late, answerMs)
      try {
        return await abortable(answer, AbortSignal.any([signal, timer.signal]))
      } finally {
        clearTimeout(timeout)
      }
    },
    isDue: () => due > 0,
  }
}
