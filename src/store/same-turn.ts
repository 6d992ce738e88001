/**
 * Settles what was begun in one turn of the event loop in one turn, when the last of it is there. Called by the shared
 * texts: answers come in over several packets, and whoever reads its system for each text that is not there would ask it
 * several times, where one batch will do.
 */
export type SameTurn = <T>(begun: Promise<T>) => Promise<T>

export function createSameTurn(): SameTurn {
  let gathering: { readonly ends: Promise<unknown>[]; readonly settled: Promise<void> } | null = null

  function gather() {
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    const ends: Promise<unknown>[] = []
    setImmediate(() => {
      gathering = null
      void Promise.all(ends).then(() => resolve())
    })
    return { ends, settled }
  }

  return async begun => {
    gathering ??= gather()
    // A failure is its own caller's alone.
    gathering.ends.push(begun.catch(() => {}))
    await gathering.settled
    return begun
  }
}
