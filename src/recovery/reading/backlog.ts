import type { BacklogMeasure } from '../system-state.ts'

/** When a backlog will be cleared, if it goes on as it did. Called by the resolvers. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WINDOW_MS = 14 * DAY_MS
const LEAST_SPAN_MS = 48 * HOUR_MS
const LEAST_MEASUREMENTS = 3
const HORIZON_MS = 2 * 365 * DAY_MS

/**
 * The day, `yyyy-mm-dd` in UTC, on which the backlog will be empty at its net rate of the last 14 days: the median of the
 * slopes between all pairs of measurements (Theil 1950, Sen 1968), which one odd measurement does not sway. The net rate
 * counts what comes in against what is cleared. Null where less than three measurements over 48 hours say so, where the
 * backlog is not shrinking, and where the day lies more than two years ahead; an empty backlog is cleared on the day
 * that it was measured.
 */
export function estimatedClearDate({ measuredAt, open, history }: BacklogMeasure): string | null {
  const endMs = Date.parse(measuredAt)
  if (open === 0) return dayOf(endMs)
  const points = history
    .map(point => ({ ms: Date.parse(point.measuredAt), open: point.open }))
    .filter(({ ms }) => ms <= endMs && ms >= endMs - WINDOW_MS)
  const spanMs = endMs - Math.min(...points.map(({ ms }) => ms))
  if (points.length < LEAST_MEASUREMENTS || spanMs < LEAST_SPAN_MS) return null
  const clearedPerMs = -medianSlope(points)
  const leftMs = open / clearedPerMs
  return clearedPerMs > 0 && leftMs <= HORIZON_MS ? dayOf(endMs + leftMs) : null
}

/** In pieces per millisecond. */
function medianSlope(points: readonly { readonly ms: number; readonly open: number }[]): number {
  const slopes = points
    .flatMap((one, index) =>
      points
        .slice(index + 1)
        .filter(other => other.ms !== one.ms)
        .map(other => (other.open - one.open) / (other.ms - one.ms)),
    )
    .toSorted((one, other) => one - other)
  const middle = Math.floor(slopes.length / 2)
  const upper = slopes[middle] ?? 0
  return slopes.length % 2 === 1 ? upper : ((slopes[middle - 1] ?? 0) + upper) / 2
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
