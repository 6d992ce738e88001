/**
 * What waits to be kept, so that no answer waits for it: gathered, and handed on in small batches by a timer, one after the
 * other. Bounded: what has waited longest makes room, because the newest is worth most. Called by the keeping half.
 */
export interface WriteQueue<T> {
  /** At most `size` items, which are not made before their turn comes. */
  add(size: number, items: Iterator<T>): void
  /** Hands on what waits, for `withinMs` milliseconds at most, and takes nothing more. */
  drain(withinMs: number): Promise<void>
}

export interface WriteQueueOptions<T> {
  /** Items that may wait. */
  readonly most: number
  /** Hands on as many as it takes; `next` gives null when nothing waits any more. Never rejects. */
  readonly write: (next: () => T | null) => Promise<void>
  readonly onDropped: (count: number) => void
}

/** How long what comes first waits for others that share its batch. */
const GATHER_MS = 20
/** Between two batches, so that answers have their turn. */
const PAUSE_MS = 2

export function createWriteQueue<T>({ most, write, onDropped }: WriteQueueOptions<T>): WriteQueue<T> {
  /** Oldest first. */
  const groups = new Set<{ left: number; readonly items: Iterator<T> }>()
  let waiting = 0
  let running: Promise<void> | null = null
  let isClosed = false

  function next(): T | null {
    for (const group of groups) {
      const { done, value } = group.items.next()
      if (done !== true) {
        group.left -= 1
        waiting -= 1
        return value
      }
      groups.delete(group)
      waiting -= group.left
    }
    return null
  }

  /** Until no more than so many wait. */
  function drop(most: number): void {
    const before = waiting
    for (const group of groups) {
      if (waiting <= most) break
      groups.delete(group)
      waiting -= group.left
    }
    if (waiting < before) onDropped(before - waiting)
  }

  async function run(firstMs: number): Promise<void> {
    await pause(firstMs)
    while (groups.size > 0) {
      await write(next)
      await pause(PAUSE_MS)
    }
    running = null
  }

  return {
    add(size, items) {
      if (isClosed) return
      groups.add({ left: size, items })
      waiting += size
      if (waiting > most) drop(most)
      running ??= run(GATHER_MS)
    },
    async drain(withinMs) {
      isClosed = true
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, withinMs)
      await Promise.race([running, promise])
      clearTimeout(timer)
      drop(0)
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}
