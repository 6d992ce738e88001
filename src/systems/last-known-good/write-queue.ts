/**
 * What waits to be kept, so that no answer waits for it: gathered, and handed on in small batches by a timer, one after the
 * other. Bounded by what it holds on to: what has waited longest makes room, because the newest is worth most. Called by the
 * keeping half.
 */
export interface WriteQueue<T> {
  add(group: Group<T>): void
  /** Hands on what waits, for `withinMs` milliseconds at most, and takes nothing more. */
  drain(withinMs: number): Promise<void>
}

/** What waits together, and is let go together. */
export interface Group<T> {
  /** Not made before their turn comes. */
  readonly items: Iterator<T>
  /** How many items at most. */
  readonly size: number
  /** What waits with them, in the unit of the bound. */
  readonly weight: number
}

export interface WriteQueueOptions<T> {
  /** Of all that waits. */
  readonly mostWeight: number
  /** Hands on as many as it takes; `next` gives null when nothing waits any more. Never rejects. */
  readonly write: (next: () => T | null) => Promise<void>
  readonly onDropped: (count: number) => void
}

/** How long what comes first waits for others that share its batch. */
const GATHER_MS = 20
/** Between two batches, so that answers have their turn. */
const PAUSE_MS = 2

export function createWriteQueue<T>({ mostWeight, write, onDropped }: WriteQueueOptions<T>): WriteQueue<T> {
  /** Oldest first. */
  const groups = new Map<Group<T>, { left: number }>()
  let held = 0
  let running: Promise<void> | null = null
  let isClosed = false

  function next(): T | null {
    for (const [group, state] of groups) {
      const { done, value } = group.items.next()
      if (done !== true) {
        state.left -= 1
        return value
      }
      remove(group)
    }
    return null
  }

  function remove(group: Group<T>): void {
    if (groups.delete(group)) held -= group.weight
  }

  /** Until no more than so much waits. */
  function drop(weight: number): void {
    let dropped = 0
    for (const [group, { left }] of groups) {
      if (held <= weight) break
      remove(group)
      dropped += left
    }
    if (dropped > 0) onDropped(dropped)
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
    add(group) {
      if (isClosed) return
      // By itself too much: nothing else makes room for it.
      if (group.weight > mostWeight) return onDropped(group.size)
      groups.set(group, { left: group.size })
      held += group.weight
      if (held > mostWeight) drop(mostWeight)
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
