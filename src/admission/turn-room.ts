/**
 * How many executions may be begun in one turn of the event loop under load: as many as end in the time that a turn may take
 * up with them, by what they have lately taken. Counted by turns and not by seconds, because a turn that refusals have made
 * long is followed by one with no more executions than any other: however large the crowd that is refused, the others get
 * their time, and the loop comes round. Those that wait for a system take none of it, and are not counted. Pure: it has no
 * clock.
 */
export interface TurnRoom {
  /** Whether one more may be begun. */
  has(): boolean
  /** Takes the room of one; false: there is none. */
  take(): boolean
  /** One more is let in whether there is room or not: it is taken from the turns to come. */
  owe(): void
  /** An execution has begun. */
  began(): void
  /** An execution has ended. */
  ended(): void
  /** A request was refused, or answered with what stood ready. */
  passed(): void
  /** What has begun in this turn will take so long, as far as is known. */
  begunMs(): number
  /** The next turn begins. For how long the loop has been at work since the last, and for how long it had nothing to do. */
  next(activeMs: number, idleMs: number): void
}

/** What a request takes in all that is refused or has its answer ready: about as much as was measured under load. */
const PASSED_MS = 0.05
/** Of a turn's work, however many have passed. */
const LEAST_SHARE = 0.1
/** Of what is remembered, with each further turn: about twenty of them count. */
const REMEMBERED = 0.95

/** @param turnMs that executions may take of a turn */
export function createTurnRoom(turnMs: number): TurnRoom {
  const remembered = { workMs: 0, executions: 0 }
  let [began, ended, passed] = [0, 0, 0]
  // Nothing is known yet, so nothing is held back.
  let executionMs = 0
  let room = Infinity

  function learn(activeMs: number): void {
    const workMs = Math.max(activeMs * LEAST_SHARE, activeMs - passed * PASSED_MS)
    remembered.workMs = remembered.workMs * REMEMBERED + workMs
    remembered.executions = remembered.executions * REMEMBERED + ended
    executionMs = remembered.workMs / remembered.executions
  }

  const aTurn = () => turnMs / executionMs
  const mostKept = () => aTurn() + 1

  return {
    has: () => room >= 1,
    take() {
      if (room < 1) return false
      room -= 1
      return true
    },
    owe() {
      room = Math.max(room - 1, -mostKept())
    },
    began() {
      began += 1
    },
    ended() {
      ended += 1
    },
    passed() {
      passed += 1
    },
    begunMs: () => began * executionMs,
    next(activeMs, idleMs) {
      // A loop that only waits says nothing about what executions take.
      if (ended > 0 && activeMs > 0) learn(activeMs)
      ;[began, ended, passed] = [0, 0, 0]
      // Idle time was room as well.
      if (executionMs > 0) room = Math.min(room + aTurn() + idleMs / executionMs, mostKept())
    },
  }
}
