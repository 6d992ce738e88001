/**
 * The `Age` of an answer (RFC 9111 §5.1), in whole seconds: what of its `max-age` is over, counted from when the oldest part of
 * it was read. Rounded up, so that nothing is called fresher than it is.
 *
 * @param freshUntilMs when the first part of it stops being fresh, in milliseconds since the Unix epoch
 */
export function ageSeconds(maxAgeSeconds: number, freshUntilMs: number, nowMs: number): number {
  const remainingSeconds = Math.floor((freshUntilMs - nowMs) / 1_000)
  return Math.min(maxAgeSeconds, Math.max(0, maxAgeSeconds - remainingSeconds))
}
