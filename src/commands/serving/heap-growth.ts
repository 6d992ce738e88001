import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { OUTSIDE_HEAP_BYTES } from '../../config/memory-bound.ts'

/**
 * Keeps a serving process near the memory that its configuration allows. A cache that turns over makes old garbage as fast
 * as it is filled, and V8 lets the heap grow to several times what is held before it looks for it. So V8 is told after each
 * full collection how far the heap may grow until the next: far where there is room, and hardly where there is none. Called
 * once by a gateway that serves.
 */
export interface HeapGrowth {
  /** V8 does as it likes again. */
  stop(): void
}

/** Where nothing is left: to collect even more often would cost more than it saves. */
const LEAST_PERCENT = 30
/** As good as no limit: no measurement was faster with more. */
const MOST_PERCENT = 200
const AS_V8_LIKES = 0

/** @param bound most that the process should take, in bytes */
export function keepHeapNear(bound: number): HeapGrowth {
  let now = AS_V8_LIKES
  const allow = (percent: number) => {
    if (percent === now) return
    now = percent
    setFlagsFromString(`--heap-growing-percent=${percent}`)
  }
  const observer = new PerformanceObserver(collections => {
    const isFull = collections.getEntries().some(entry => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR)
    if (isFull) allow(growthPercent(getHeapStatistics().used_heap_size, bound - OUTSIDE_HEAP_BYTES))
  })
  observer.observe({ entryTypes: ['gc'] })
  allow(MOST_PERCENT)
  // Compiled code is kept at the end, and is good only for a process with the same flags.
  const stop = () => {
    observer.disconnect()
    allow(AS_V8_LIKES)
  }
  process.once('exit', stop)
  return {
    stop() {
      process.removeListener('exit', stop)
      stop()
    },
  }
}

/** How far a heap of so many bytes may grow until the next full collection, in whole percent of what it holds. */
export function growthPercent(usedBytes: number, goalBytes: number): number {
  const percent = Math.floor(((goalBytes - usedBytes) * 100) / usedBytes)
  return Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, percent))
}

/** Node's types do not know that an entry of a collection has a detail. */
function kindOf(entry: object): number | undefined {
  return 'detail' in entry ? (entry.detail as NodeGCPerformanceDetail).kind : undefined
}
