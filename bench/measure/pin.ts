import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** Puts a process, with all its threads and the children that it will have, on one core (sched_setaffinity(2)). */
export function pin(pid: number, cpu: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(cpu), String(pid)], { stdio: 'ignore' })
}

/** @throws Error with the remedy where this machine cannot measure */
export function assertTools(): void {
  if (process.platform !== 'linux') throw new Error('the bench measures on Linux: it pins processes to cores')
  if (cpus().length < 2) throw new Error('the bench needs two cores: one for the server, one for whoever asks it')
  const tools = [
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
  ] as const
  for (const [tool, debianPackage] of tools) {
    try {
      execFileSync('which', [tool], { stdio: 'ignore' })
    } catch {
      throw new Error(`${tool} is missing: apt-get install ${debianPackage}`)
    }
  }
}
