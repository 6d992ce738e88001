/**
 * How much of what goes over one connection may be under way at once, so that one burst of large texts does not keep all
 * behind it waiting beyond their bound. Called by the shared texts.
 */
export interface Flow {
  /**
   * Runs the task once there is room for so many bytes, in the order of asking. Null: there was none within `waitMs`
   * milliseconds (0: there is none now), and it was not run.
   */
  run<T>(bytes: number, waitMs: number, task: () => Promise<T>): Promise<T | null>
}

interface Waiting {
  readonly bytes: number
  readonly admit: (hasRoom: boolean) => void
}

export function createFlow(maxBytes: number): Flow {
  let underWay = 0
  const waiting = new Set<Waiting>()

  function admitNext(): void {
    for (const next of waiting) {
      if (underWay + next.bytes > maxBytes) return
      waiting.delete(next)
      underWay += next.bytes
      next.admit(true)
    }
  }

  async function admission(bytes: number, waitMs: number): Promise<boolean> {
    if (waiting.size === 0 && underWay + bytes <= maxBytes) {
      underWay += bytes
      return true
    }
    if (waitMs <= 0) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const next: Waiting = { bytes, admit: resolve }
    waiting.add(next)
    const timer = setTimeout(() => {
      if (waiting.delete(next)) resolve(false)
      // What stood behind it may be smaller.
      admitNext()
    }, waitMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async run(bytes, waitMs, task) {
      if (!(await admission(bytes, waitMs))) return null
      try {
        return await task()
      } finally {
        underWay -= bytes
        admitNext()
      }
    },
  }
}
