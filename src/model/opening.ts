/**
 * Opens what belongs together and is closed together, the last first. Where any of it cannot be opened, what was opened
 * before is closed, so that a process that cannot start ends. Called by the composition root.
 */
export async function openTogether<T>(open: (opened: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const opened = new AsyncDisposableStack()
  try {
    return await open(opened)
  } catch (thrown) {
    // Why it cannot be opened is what counts, and not what could not be closed for it.
    await opened.disposeAsync().catch(() => {})
    throw thrown
  }
}

/** What is being opened, and how it is closed again. */
export interface Opening<T> {
  readonly opening: Promise<T>
  readonly close: (opened: T) => Promise<unknown> | undefined
}

/** Opens two things side by side. Throws where one of them cannot be opened, with the other closed again. */
export async function openBoth<A, B>(a: Opening<A>, b: Opening<B>): Promise<readonly [A, B]> {
  const [first, second] = await Promise.allSettled([a.opening, b.opening])
  if (second.status === 'rejected' && first.status === 'fulfilled') await a.close(first.value)
  if (first.status === 'rejected' && second.status === 'fulfilled') await b.close(second.value)
  return Promise.all([a.opening, b.opening])
}
