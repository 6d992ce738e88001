import { readdir, readFile } from 'node:fs/promises'

/** What a process holds, as Linux tells it, and whether it comes to hold more and more. */
export interface Held {
  readonly atMs: number
  readonly residentMiB: number
  readonly descriptors: number
}

/** Null: there is no such process any more. */
export async function heldBy(pid: number | undefined): Promise<Held | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const residentMiB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
    return { atMs: performance.now(), residentMiB, descriptors: (await readdir(`/proc/${pid}/fd`)).length }
  } catch {
    return null
  }
}

/** Seconds of processor time that a process has used. */
export async function processorSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // After the name, which may hold blanks, the 12th and 13th are what it used itself and what the kernel did for it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
const TICKS_PER_SECOND = 100

/** How much higher the peaks are in the later half of the time. */
export function riseOf(all: readonly Held[]): number {
  const [from = 0, to = 0] = [all.at(0)?.atMs, all.at(-1)?.atMs]
  const peak = (half: readonly Held[]) => Math.max(...half.map(({ residentMiB }) => residentMiB))
  const { earlier = [], later = [] } = Object.groupBy(all, ({ atMs }) => (atMs < (from + to) / 2 ? 'earlier' : 'later'))
  return peak(later) / peak(earlier)
}

export interface Growth {
  readonly perHour: number
  /** Standard error of it. */
  readonly error: number
}

/**
 * The line through the least of each part of the time: what is there only until garbage is collected, or a fault is over, is
 * no growth, and what lies close together in time counts as one.
 */
export function growthOf<T extends { readonly atMs: number }>(
  all: readonly T[],
  of: (one: T) => number,
  partMs: number,
): Growth {
  const parts = [...Map.groupBy(all, ({ atMs }) => Math.floor(atMs / partMs))].map(([part, held]) => {
    return { hour: (part * partMs) / HOUR_MS, value: Math.min(...held.map(of)) }
  })
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [hour, value] = [mean(parts.map(part => part.hour)), mean(parts.map(part => part.value))]
  const spread = parts.reduce((sum, part) => sum + (part.hour - hour) ** 2, 0)
  const perHour = parts.reduce((sum, part) => sum + (part.hour - hour) * (part.value - value), 0) / spread
  const rest = parts.reduce((sum, part) => sum + (part.value - value - perHour * (part.hour - hour)) ** 2, 0)
  return { perHour, error: Math.sqrt(rest / (parts.length - 2) / spread) }
}
const HOUR_MS = 3_600_000
