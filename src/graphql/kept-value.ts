import { deepFreeze } from '../model/freeze.ts'

/**
 * What a kept field gave, with the time that it is fresh from: the shape in which values lie in the field cache and in the
 * store that all instances share. Made inside the caches and opened by the guard outside them; resolvers never see it.
 */
export interface KeptValue {
  readonly value: unknown
  /** When the operation that read it began, in milliseconds since the Unix epoch: the value is no older. */
  readonly readAtMs: number
  /** When the system gave it, where it is what the system gave last and not what it gives now: then it is never fresh. */
  readonly lastKnownAtMs: number | null
}

/** Immutable, because a value in a cache is shared by its readers. */
export function boxed(value: unknown, readAtMs: number, lastKnownAtMs: number | null): KeptValue {
  return { value: deepFreeze(value ?? null), readAtMs, lastKnownAtMs }
}

/** What a system does not know is remembered only briefly: it may be entered at any moment. */
const UNKNOWN_MAX_AGE_SECONDS = 5

/** Until when what is kept is fresh, in milliseconds since the Unix epoch; 0: it is not. */
export function keptUntilMs({ value, readAtMs, lastKnownAtMs }: KeptValue, maxAgeSeconds: number): number {
  return lastKnownAtMs === null ? freshUntilMs(value, readAtMs, maxAgeSeconds) : 0
}

/** The same, of what a system gave just now. */
export function freshUntilMs(value: unknown, readAtMs: number, maxAgeSeconds: number): number {
  const seconds = value == null ? Math.min(UNKNOWN_MAX_AGE_SECONDS, maxAgeSeconds) : maxAgeSeconds
  return readAtMs + seconds * 1_000
}

/** Whole seconds that a value may still be held; 0: no more. */
export function remainingSeconds(kept: KeptValue, maxAgeSeconds: number, nowMs: number): number {
  // The operation that reads a value takes a moment, which is not worth a second of its time.
  return Math.max(0, Math.round((keptUntilMs(kept, maxAgeSeconds) - nowMs) / 1_000))
}
