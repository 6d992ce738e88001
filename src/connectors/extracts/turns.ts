import { abortable } from '../abortable.ts'

/**
 * Lets a few tasks run at once, and the others wait in the order in which they came. Called by `reader.ts`. A task keeps
 * its turn until it has ended, whoever still waits for it; one that was abandoned before its turn never starts.
 */
export interface Turns {
  /** Rejects with the signal's reason when it aborts, and where too many wait already. */
  take<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export interface TurnsOptions {
  readonly mostActive: number
  readonly mostWaiting: number
}

export function createTurns({ mostActive, mostWaiting }: TurnsOptions): Turns {
  const waiting = new Set<() => void>()
  let active = 0

  async function turn(signal: AbortSignal): Promise<void> {
    if (active < mostActive) {
      active += 1
      return
    }
    if (waiting.size >= mostWaiting) throw new Error('too many reads of the extracts wait')
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    try {
      await abortable(promise, signal)
    } catch (thrown) {
      // Its turn may have come in the same moment.
      if (!waiting.delete(resolve)) pass()
      throw thrown
    }
  }

  /** Hands a turn on; who has it next is active already. */
  function pass(): void {
    const [next] = waiting
    if (next === undefined) active -= 1
    else {
      waiting.delete(next)
      next()
    }
  }

  return {
    async take(task, signal) {
      signal.throwIfAborted()
      await turn(signal)
      // The turn ends with the task and not with whoever waits for it.
      const running = (async () => task())()
      running.then(pass, pass)
      return abortable(running, signal)
    },
  }
}
