/** Thrown by `withinDeadline` when the time is up. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/**
 * Runs a read that must settle within `deadlineMs`. The promise always settles in time, whether or not the source obeys
 * the signal: shared flights depend on it.
 */
export async function withinDeadline<T>(deadlineMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { promise: expiry, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new DeadlineError(`no answer within ${deadlineMs} ms`)
    reject(error)
    controller.abort(error)
  }, deadlineMs)
  // A source that throws before it gives a promise rejects like any other.
  const reading = (async () => run(controller.signal))()
  try {
    // The race handles its loser's rejection too.
    return await Promise.race([reading, expiry])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves once the promise has settled, either way, or when the time is up. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<void> {
  const { promise: expiry, resolve } = Promise.withResolvers<void>()
  // It keeps no process that ends.
  const timer = setTimeout(resolve, ms).unref()
  try {
    await Promise.race([promise.catch(() => {}), expiry])
  } finally {
    clearTimeout(timer)
  }
}
