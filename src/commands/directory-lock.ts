import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../model/operator-file.ts'

/**
 * Keeps two processes out of one data directory: the embedded database has no lock of its own, and two of them over the
 * same files would destroy it. The lock is the process's id in a file; one whose process is gone is taken over.
 */
export interface DirectoryLock {
  release(): Promise<void>
}

/** Throws `ConfigError` with the holder's process id. The directory must exist. */
export async function lockDirectory(directory: string, pid: number = process.pid): Promise<DirectoryLock> {
  const file = join(directory, 'lock')
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await tryToLock(file, pid)) return { release: () => rm(file, { force: true }) }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    // In a container a process and the one before the restart may well have the same id.
    if (holder !== pid && isRunning(holder)) {
      throw new ConfigError([
        `${directory}: is in use by the gateway with process id ${holder}; stop that one first (or delete ${file}, if that process is no gateway)`,
      ])
    }
    await rm(file, { force: true })
  }
  throw new ConfigError([`${directory}: another gateway is starting there; try again`])
}

/** Linked into place with its content, so that nobody reads a lock without a process id. False: there is one already. */
async function tryToLock(file: string, pid: number): Promise<boolean> {
  const draft = `${file}.${pid}`
  try {
    await writeFile(draft, `${pid}\n`)
    await link(draft, file)
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw thrown
  } finally {
    await rm(draft, { force: true })
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
