import { readFileSync } from 'node:fs'

/**
 * What processes have used, as Linux keeps it under /proc (proc(5)). Called around a run; a process that has ended counts
 * as nothing.
 */

/** USER_HZ: the kernel's unit towards programs, 100 on every architecture that Node.js runs on. */
const TICKS_PER_SECOND = 100
const BYTES_PER_KIB = 1024

/** Processor seconds since their start, user and system together. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(read(pid, 'stat')) / TICKS_PER_SECOND, 0)
}

/** utime and stime, the 14th and the 15th field; the second one, the name, may hold blanks and parentheses. */
function ticks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

/** Memory in use now, resident set. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status')) ?? []
    return sum + Number(kib) * BYTES_PER_KIB
  }, 0)
}

function read(pid: number, file: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
