/** A clock that a test moves. */
export function movedClock(startMs = 1_000_000) {
  let now = startMs
  return {
    now: () => now,
    pass(ms: number) {
      now += ms
    },
  }
}
