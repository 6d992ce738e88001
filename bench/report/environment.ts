import { execFile } from 'node:child_process'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { promisify } from 'node:util'

/** Where and of what a run was: without it figures say nothing. Names no host and no user. */
export interface Environment {
  /** Abbreviated; `+` where files had changes that are in no commit. */
  readonly commit: string
  /** ISO 8601. */
  readonly date: string
  readonly node: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGib: number
    readonly system: string
  }
  readonly command: string
}

const run = promisify(execFile)

export async function readEnvironment(command: string): Promise<Environment> {
  const processors = cpus()
  return {
    commit: await commit(),
    date: new Date().toISOString(),
    node: process.versions.node,
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()} ${arch()}`,
    },
    command,
  }
}

async function commit(): Promise<string> {
  try {
    const cwd = import.meta.dirname
    const { stdout: id } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd })
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd })
    return id.trim() + (changes === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}
