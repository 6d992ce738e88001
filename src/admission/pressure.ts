/**
 * How much has to be refused so that the event loop keeps up: a number that rises while the loop is late and falls while it
 * is not, from observation to observation. It says whether there is an overload, and how many of those whom nobody knows are
 * refused; what the others may begin, the room of a turn says. Pure: it has no clock and knows no request.
 */
export interface Pressure {
  /** How late the loop was this time, how long after the last observation, and how full the memory is, all in proportion. */
  observe(observation: Observation): void
  /** 0: no overload. To 1: this share of those whom nobody knows. To 2: also of what would have to be executed, for memory. */
  value(): number
}

export interface Observation {
  /** In milliseconds. */
  readonly delayMs: number
  /** Since the last observation, in milliseconds. */
  readonly elapsedMs: number
  /** What requests hold of the memory that they may; above 1, it is too much. */
  readonly memory: number
  /** Whether something was refused lately because there was no room for it. */
  readonly isRefusing: boolean
}

export const MOST_BY_DELAY = 1
/** So many observations in a row have to be late: a collection of garbage, or any one long step, is no overload. */
const IN_A_ROW = 3
/** A tenth of a second at twice the delay, and longer delays. */
const RISE = 0.3
/** A tenth of a second without delay: from the utmost to nothing in little more than a second. */
const FALL = 0.08
/** A few turns that were a little late, as while the memory of the process is looked through, do not begin an overload. */
const BEGINS_AT = 0.1
/** What is in time only because much is refused is an overload still. */
const LEAST_REFUSING = 0.05
const TENTH_MS = 100
/** Memory of so much more than its bound has the greatest share refused. */
const MEMORY_SPAN = 0.2
/** Refusing everything would help no more where it is not requests that hold the memory. */
const MOST_BY_MEMORY = 0.9

/** @param targetMs how late the loop may be */
export function createPressure(targetMs: number): Pressure {
  let byDelay = 0
  let byMemory = 0
  let hasBegun = false
  let lately: readonly number[] = []
  return {
    observe({ delayMs, elapsedMs, memory, isRefusing }) {
      lately = [...lately, delayMs].slice(-IN_A_ROW)
      const excess = standing(lately) / targetMs - 1
      const tenths = Math.min(elapsedMs, TENTH_MS) / TENTH_MS
      const change = excess > 0 ? RISE * Math.min(excess, 1) : FALL * excess
      const least = isRefusing && hasBegun ? LEAST_REFUSING : 0
      byDelay = Math.min(MOST_BY_DELAY, Math.max(least, byDelay + change * tenths))
      hasBegun = byDelay >= BEGINS_AT || (hasBegun && byDelay > 0)
      // Memory is what executions take: those whom nobody knows go with them.
      byMemory = memory <= 1 ? 0 : 1 + Math.min(MOST_BY_MEMORY, (memory - 1) / MEMORY_SPAN)
    },
    value: () => Math.max(hasBegun ? byDelay : 0, byMemory),
  }
}

/**
 * The least of the last delays: what stands, and not what passes. What a long step has held up is made up for in ever
 * shorter turns; where they grow, more comes in than is done, and two are enough.
 */
function standing(delays: readonly number[]): number {
  const [before = 0, last = 0] = delays.slice(-2)
  if (delays.length > 1 && last >= before) return before
  return delays.length < IN_A_ROW ? 0 : Math.min(...delays)
}
