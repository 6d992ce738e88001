import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../model/operator-file.ts'

/**
 * Keeps two processes out of one data directory: the embedded database has no lock of its own, and two of them over the
 * same files would destroy it. The lock is the process's id in a file; one whose process is gone is taken over.
 */
export interface DirectoryLock {
  release(): Promise<void>
}

/** Throws `ConfigError` with the holder's process id. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const file = join(directory, 'lock')
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: 'wx' })
      return { release: () => rm(file, { force: true }) }
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
      const holder = Number(await readFile(file, 'utf8').catch(() => ''))
      if (isRunning(holder)) {
        throw new ConfigError([`${directory}: is in use by the gateway with process id ${holder}; stop that one first`])
      }
      await rm(file, { force: true })
    }
  }
  throw new ConfigError([`${directory}: another gateway is starting there; try again`])
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
