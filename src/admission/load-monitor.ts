import { getHeapStatistics } from 'node:v8'
import { OUTSIDE_HEAP_BYTES } from '../config/memory-bound.ts'
import { createPressure, type Observation } from './pressure.ts'

/**
 * Watches how late this process's event loop is and what its memory holds, and says how much has to be refused. It looks
 * every few milliseconds, more often under pressure. Started when partners are listened to, stopped with the server.
 */
export interface LoadMonitor {
  start(): void
  stop(): void
  /** See `Pressure`. */
  pressure(): number
  /**
   * Whether there is pressure, and this turn of the loop has lasted too long already: then nothing more is begun in it, so
   * that it ends, whatever has come in meanwhile.
   */
  isTurnOver(): boolean
}

export interface LoadMonitorOptions {
  /** How late the loop may be; 0: there is never any pressure. */
  readonly loopDelayMs: number
  /** Most memory that the process should take, in bytes. */
  readonly memoryBound: number
}

const LOOK_MS = 20
/** Under pressure: a turn of the loop lasts at least until the next look is due. */
const NEAR_LOOK_MS = 5
const MEMORY_LOOK_MS = 250
/** What V8 holds for a moment, before it collects, may be more than the bound by so much. */
const LEEWAY = 1.25
/** Of the most that V8 allows the heap. */
const HEAP_SHARE = 0.85

export function createLoadMonitor({ loopDelayMs, memoryBound }: LoadMonitorOptions): LoadMonitor {
  const pressure = createPressure(loopDelayMs)
  let timer: NodeJS.Timeout | undefined
  let memory = 0
  let memoryAtMs = -Infinity
  let lookedAtMs = 0
  let dueMs = Infinity
  // Kept, because it is asked for by every request.
  let value = 0

  function look(): void {
    const now = performance.now()
    // By the same measure however often it looks: else turns that are well without pressure would keep up what a blip began.
    const delayMs = Math.max(0, now - Math.max(dueMs, lookedAtMs + LOOK_MS))
    if (now - memoryAtMs >= MEMORY_LOOK_MS) {
      memory = memoryHeld(memoryBound)
      memoryAtMs = now
    }
    const observation: Observation = { delayMs, elapsedMs: now - lookedAtMs, memory }
    pressure.observe(observation)
    value = pressure.value()
    next(now)
  }

  function next(now: number): void {
    const afterMs = value > 0 ? NEAR_LOOK_MS : LOOK_MS
    lookedAtMs = now
    dueMs = now + afterMs
    timer = setTimeout(look, afterMs).unref()
  }

  return {
    start() {
      if (loopDelayMs > 0 && timer === undefined) next(performance.now())
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
      value = 0
    },
    pressure: () => value,
    isTurnOver: () => value > 0 && performance.now() - dueMs > loopDelayMs,
  }
}

/** In proportion to what may be held. Not the resident set, which stays where a burst has left it. */
function memoryHeld(bound: number): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const ofBound = (heapUsed + arrayBuffers + OUTSIDE_HEAP_BYTES) / (bound * LEEWAY)
  return Math.max(ofBound, heapUsed / (getHeapStatistics().heap_size_limit * HEAP_SHARE))
}
