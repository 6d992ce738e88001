/**
 * How much has to be refused so that the event loop keeps up: a number that rises while the loop is late and falls while it
 * is not, from observation to observation. It is the integral part of a controller; the other part, which bounds a single
 * turn of the loop, is the load monitor's. Pure: it has no clock and knows no request.
 */
export interface Pressure {
  /** How late the loop was this time, how long after the last observation, and how full the memory is, all in proportion. */
  observe(observation: Observation): void
  /**
   * From 0 to 3, in three stages of what goes first: up to 1 a share of those whom nobody knows, up to 2 also of what
   * would have to be executed, and then even of what stands ready.
   */
  value(): number
}

export interface Observation {
  /** In milliseconds. */
  readonly delayMs: number
  /** Since the last observation, in milliseconds. */
  readonly elapsedMs: number
  /** What requests hold of the memory that they may; above 1, it is too much. */
  readonly memory: number
}

export const MOST_PRESSURE = 3
/** So many observations in a row have to be late: a collection of garbage, or any one long step, is no overload. */
const IN_A_ROW = 3
/** A tenth of a second at twice the delay, and longer delays. */
const RISE = 0.3
/** A tenth of a second without delay: from the utmost to nothing in less than four seconds. */
const FALL = 0.08
const TENTH_MS = 100
/** Memory of so much more than its bound has the greatest share refused. */
const MEMORY_SPAN = 0.2
/** Refusing everything would help no more where it is not requests that hold the memory. */
const MOST_BY_MEMORY = 0.9

/** @param targetMs how late the loop may be */
export function createPressure(targetMs: number): Pressure {
  let byDelay = 0
  let byMemory = 0
  let lately: readonly number[] = []
  return {
    observe({ delayMs, elapsedMs, memory }) {
      lately = [...lately, delayMs].slice(-IN_A_ROW)
      // The least of them: what stands, and not what passes.
      const standing = lately.length < IN_A_ROW ? 0 : Math.min(...lately)
      const excess = standing / targetMs - 1
      const tenths = Math.min(elapsedMs, TENTH_MS) / TENTH_MS
      const change = excess > 0 ? RISE * Math.min(excess, 1) : FALL * excess
      byDelay = Math.min(MOST_PRESSURE, Math.max(0, byDelay + change * tenths))
      // Memory is what executions take: those whom nobody knows go with them.
      byMemory = memory <= 1 ? 0 : 1 + Math.min(MOST_BY_MEMORY, (memory - 1) / MEMORY_SPAN)
    },
    value: () => Math.max(byDelay, byMemory),
  }
}
