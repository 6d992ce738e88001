/**
 * Tells a gateway that npm started when it has been left behind. npm runs scripts through a shell, and some shells end
 * on a signal without passing it on: `kill` of npm would leave the gateway running, with the ports and the data
 * directory. Called by `serve`; where the platform does not tell (Windows), it never fires.
 */

const LOOK_EVERY_MS = 200

/** Calls back once, when the parent process has gone; returns what ends the watch. The watch keeps no process alive. */
export function watchForOrphaning(parentOf: () => number, onOrphaned: () => void): () => void {
  const parent = parentOf()
  const timer = setInterval(() => {
    if (parentOf() === parent) return
    clearInterval(timer)
    onOrphaned()
  }, LOOK_EVERY_MS).unref()
  return () => clearInterval(timer)
}
