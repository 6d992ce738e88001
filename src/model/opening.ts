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
