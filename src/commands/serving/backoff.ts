import type { Clock } from '../../model/clock.ts'

/**
 * How long to wait before a worker is started in the place of one that died: twice as long each time, so that workers
 * that die at their start do not take the machine from those that serve. Called by the crew.
 */
export interface Backoff {
  /** Milliseconds to wait before this start. */
  nextMs(): number
}

export interface BackoffOptions {
  readonly clock: Clock
  /** Before the first start. Default 100. */
  readonly firstMs?: number
  readonly mostMs?: number
  /** Time without a start after which it begins at the first again. */
  readonly calmMs?: number
}

/** By default from 0.1 s to 30 s, and from the beginning after a minute of calm. */
export function createBackoff({ clock, firstMs = 100, mostMs = 30_000, calmMs = 60_000 }: BackoffOptions): Backoff {
  let lastMs = Number.NEGATIVE_INFINITY
  let delayMs = firstMs
  return {
    nextMs() {
      const nowMs = clock.now()
      delayMs = nowMs - lastMs > calmMs ? firstMs : Math.min(2 * delayMs, mostMs)
      // The calm begins when this start has been made.
      lastMs = nowMs + delayMs
      return delayMs
    },
  }
}
