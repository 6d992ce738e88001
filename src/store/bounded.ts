/** Bounds how long an answer of the shared store is waited for. Called by its connections and its texts. */

export class Unanswered extends Error {}

/** @throws Unanswered after `timeoutMs` milliseconds; what comes later is dropped */
export async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    // An answer that came while this process was busy is read before this runs.
    setImmediate(() => reject(new Unanswered(`no answer within ${timeoutMs} ms`)))
  }, timeoutMs)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
