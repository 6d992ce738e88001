import { readFileSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/**
 * What a run that is broken off leaves behind: nothing. Ends the servers and load generators that this process has
 * started, waits for them, and removes the run's directory. Called by main.ts, once, before anything is started.
 */

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const
const LOOK_MS = 50
const PATIENCE_MS = 15_000

export function endOnSignals(directory: string, progress: (text: string) => void): void {
  for (const [signal, number] of Object.entries(SIGNALS))
    process.once(signal, () => {
      progress(`${signal}: ending what runs`)
      // Whoever waits for what is ended may start something else; so what is there is looked for until nothing is.
      void endAll().finally(() => {
        rmSync(directory, { recursive: true, force: true })
        process.exit(128 + number)
      })
    })
}

async function endAll(): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  const told = new Set<number>()
  for (let pids = children(); pids.length > 0; pids = children()) {
    const isLate = performance.now() > until
    for (const pid of pids) {
      // SIGINT is what all of them end by at once; PostgreSQL would wait for its sessions after a SIGTERM.
      if (isLate) end(pid, 'SIGKILL')
      else if (!told.has(pid)) end(pid, 'SIGINT')
      told.add(pid)
    }
    await setTimeout(LOOK_MS)
  }
}

/** Of this process, whatever they have started themselves; those that have ended aside (proc(5)). */
function children(): readonly number[] {
  const listed = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  return listed.split(' ').filter(Boolean).map(Number)
}

function end(pid: number, signal: 'SIGINT' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
