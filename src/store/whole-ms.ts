/** A lifetime as the server takes it, in whole milliseconds; throws a RangeError where nothing can be kept so long. */
export function wholeMs(ttlMs: number): number {
  if (!(ttlMs > 0 && ttlMs < Number.MAX_SAFE_INTEGER)) throw new RangeError(`nothing can be kept for ${ttlMs} ms`)
  return Math.ceil(ttlMs)
}
