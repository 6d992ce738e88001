/** Every call earns a part of a retry, so that retries never add more than that part to what a system is asked. */
export interface RetryBudget {
  earn(): void
  /** False: there is not a whole one left. */
  spend(): boolean
  left(): number
}

/** What calm times lay by: enough for a connection that was cut, and no wave of its own. */
const MOST = 2

export function createRetryBudget(percent: number): RetryBudget {
  // In hundredths, which add up exactly.
  let hundredths = percent === 0 ? 0 : 100
  return {
    earn() {
      hundredths = Math.min(MOST * 100, hundredths + percent)
    },
    spend() {
      if (hundredths < 100) return false
      hundredths -= 100
      return true
    },
    left: () => Math.floor(hundredths / 100),
  }
}
