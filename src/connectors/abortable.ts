/**
 * Settles as the promise does, or rejects with the signal's reason as soon as it aborts, whichever is first. What
 * the promise does afterwards is ignored, never unhandled; whoever owns the work behind it ends that work.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
    const settled = () => signal.removeEventListener('abort', abort)
    promise.then(
      value => {
        settled()
        resolve(value)
      },
      failure => {
        settled()
        reject(failure)
      },
    )
  })
}
