/**
 * Runs tasks side by side, at most so many at once, and gives their results in order. The first failure ends the rest:
 * nobody waits for answers that nobody will read. Called by the readings.
 */
export async function together<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  run: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const controller = new AbortController()
  const either = AbortSignal.any([signal, controller.signal])
  const results: R[] = []
  let next = 0

  async function work(): Promise<void> {
    while (next < items.length) {
      const index = next
      next += 1
      results[index] = await run(items[index] as T, either)
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
    return results
  } catch (thrown) {
    next = items.length
    controller.abort(thrown)
    throw thrown
  }
}
