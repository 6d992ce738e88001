import { getHeapStatistics } from 'node:v8'
import { OUTSIDE_HEAP_BYTES } from '../config/memory-bound.ts'
import { createPressure } from './pressure.ts'
import { createTurnRoom, type TurnRoom } from './turn-room.ts'

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
   * Whether there is pressure, or the last turn of the loop was too long and this one has already more to do: then there is
   * about to be, and by the next look it would be late by all of it.
   */
  isOverloaded(): boolean
  /** For executions, in this turn of the loop; of no account where there is no pressure. */
  readonly room: Omit<TurnRoom, 'next'>
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
/** What executions may take of each turn, of the time that the loop may be late: what else a turn holds comes to as much again and more. */
const SHARE_OF_TURN = 1 / 2
/** For so long after the last request that found no room, there is pressure. */
const REFUSING_MS = 500
/** What V8 holds for a moment, before it collects, may be more than the bound by so much. */
const LEEWAY = 1.25
/** Of the most that V8 allows the heap. */
export const HEAP_SHARE = 0.85

export function createLoadMonitor({ loopDelayMs, memoryBound }: LoadMonitorOptions): LoadMonitor {
  const pressure = createPressure(loopDelayMs)
  const room = createTurnRoom(loopDelayMs * SHARE_OF_TURN)
  let timer: NodeJS.Timeout | undefined
  let memory = 0
  let memoryAtMs = -Infinity
  let lookedAtMs = 0
  let dueMs = Infinity
  let spent: { readonly active: number; readonly idle: number } = { active: 0, idle: 0 }
  /** Of what is begun in a turn, if the last was too long. */
  let mostBegunMs = Infinity
  let foundNoRoom = false
  let foundNoRoomAtMs = -Infinity
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
    if (foundNoRoom) foundNoRoomAtMs = now
    foundNoRoom = false
    pressure.observe({
      delayMs,
      elapsedMs: now - lookedAtMs,
      memory,
      isRefusing: now - foundNoRoomAtMs <= REFUSING_MS,
    })
    value = pressure.value()
    mostBegunMs = delayMs > loopDelayMs ? now - lookedAtMs : Infinity
    const { active, idle } = performance.eventLoopUtilization()
    room.next(active - spent.active, idle - spent.idle)
    spent = { active, idle }
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
      if (loopDelayMs === 0 || timer !== undefined) return
      // What was done until now, nobody was executed for.
      spent = performance.eventLoopUtilization()
      next(performance.now())
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
      value = 0
      mostBegunMs = Infinity
    },
    pressure: () => value,
    isOverloaded: () => value > 0 || room.begunMs() > mostBegunMs,
    room: {
      ...room,
      take() {
        const isTaken = room.take()
        if (!isTaken) foundNoRoom = true
        return isTaken
      },
    },
  }
}

/** In proportion to what may be held. Not the resident set, which stays where a burst has left it. */
function memoryHeld(bound: number): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const ofBound = (heapUsed + arrayBuffers + OUTSIDE_HEAP_BYTES) / (bound * LEEWAY)
  return Math.max(ofBound, heapUsed / (getHeapStatistics().heap_size_limit * HEAP_SHARE))
}
