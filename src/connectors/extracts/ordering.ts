import { setImmediate } from 'node:timers/promises'
import type { Compare } from '../ordering.ts'

/** Long work in slices, so that others have their turn. Called by `drop.ts` and `table.ts`. */

/** Items that are handled before others get their turn on the event loop. */
export const SLICE = 2_000

/** Lets others have their turn; rejects where the work is no longer wanted. */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

/** Merge sort that pauses after every slice, so that sorting a large extract delays no request. */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: Compare<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += SLICE) {
    runs.push(items.slice(start, start + SLICE).sort(compare))
    await pause(signal)
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = []
    for (let index = 0; index < runs.length; index += 2)
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, signal))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: Compare<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const merged: T[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l] as T, right[r] as T]
    if (compare(a, b) <= 0) {
      merged.push(a)
      l += 1
    } else {
      merged.push(b)
      r += 1
    }
    if (merged.length % SLICE === 0) await pause(signal)
  }
  return merged.concat(left.slice(l), right.slice(r))
}
