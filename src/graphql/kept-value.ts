import { deepFreeze } from '../model/freeze.ts'

/**
 * What a kept field gave, with the time that it is fresh from: the shape in which values lie in the field cache and in the
 * store that all instances share. Made inside the caches and opened by the guard outside them; resolvers never see it.
 */
export interface KeptValue {
  readonly value: unknown
  /** When the operation that read it began, in milliseconds since the Unix epoch: the value is no older. */
  readonly readAtMs: number
}

/** Immutable, because a value in a cache is shared by its readers. */
export function boxed(value: unknown, readAtMs: number): KeptValue {
  return { value: deepFreeze(value ?? null), readAtMs }
}

/** What a system does not know is remembered only briefly: it may be entered at any moment. */
const UNKNOWN_MAX_AGE_SECONDS = 5

/** Until when a value is fresh, in milliseconds since the Unix epoch. */
export function freshUntilMs(value: unknown, readAtMs: number, maxAgeSeconds: number): number {
  const seconds = value == null ? Math.min(UNKNOWN_MAX_AGE_SECONDS, maxAgeSeconds) : maxAgeSeconds
  return readAtMs + seconds * 1_000
}

/** Whole seconds that a value may still be held; 0: no more. */
export function remainingSeconds({ value, readAtMs }: KeptValue, maxAgeSeconds: number, nowMs: number): number {
  // The operation that reads a value takes a moment, which is not worth a second of its time.
  return Math.max(0, Math.round((freshUntilMs(value, readAtMs, maxAgeSeconds) - nowMs) / 1_000))
}
