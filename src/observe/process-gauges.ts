import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { Gauge } from './gauges.ts'
import { VERSION } from './version.ts'

/** What is watched of the process itself: its event loop, its memory against the bound, its processor time, its build. */
export interface ProcessGauges {
  readonly gauges: readonly Gauge[]
  stop(): void
}

export interface ProcessGaugesOptions {
  /** Most memory that the process should take, in bytes. */
  readonly memoryBoundBytes: number
}

const RESOLUTION_MS = 10
/** Not from one scrape to the next: no scraper takes away what another one came for. */
const WINDOW_MS = 15_000

export function createProcessGauges({ memoryBoundBytes }: ProcessGaugesOptions): ProcessGauges {
  const delay = createDelayWindow()
  const collections = createCollectionWatch()
  const one = (name: string, read: () => number): Gauge => ({ name, read: () => [{ value: read() }] })
  const startedSeconds = Math.round((Date.now() - process.uptime() * 1_000) / 1_000)
  return {
    gauges: [
      one('event_loop_delay_p99_seconds', () => delay.seconds(99)),
      one('event_loop_delay_max_seconds', () => delay.seconds(100)),
      one('memory_resident_bytes', () => process.memoryUsage.rss()),
      one('memory_heap_used_bytes', () => process.memoryUsage().heapUsed),
      { name: 'memory_heap_left_bytes', read: collections.left },
      one('memory_bound_bytes', () => memoryBoundBytes),
      { ...one('cpu_seconds', cpuSeconds), type: 'counter' },
      one('start_time_seconds', () => startedSeconds),
      { name: 'build_info', read: () => [{ labels: { version: VERSION, node: process.versions.node }, value: 1 }] },
    ],
    stop() {
      delay.stop()
      collections.stop()
    },
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000_000
}

/** What a full collection of garbage leaves is in use: if that grows on and on, something is never let go of. */
function createCollectionWatch() {
  let leftBytes: number | null = null
  const observer = new PerformanceObserver(list => {
    if (list.getEntries().some(isFullCollection)) leftBytes = process.memoryUsage().heapUsed
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    /** Nothing before the first. */
    left: () => (leftBytes === null ? [] : [{ value: leftBytes }]),
    stop: () => observer.disconnect(),
  }
}

/** The declarations do not know what a collection's entry has beside those of every entry. */
function isFullCollection(entry: object): boolean {
  return (
    (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
  )
}

/** How late the event loop was: two monitors that begin anew in turn, so that one of them always has a whole window. */
function createDelayWindow() {
  const monitors = [0, 1].map(() => monitorEventLoopDelay({ resolution: RESOLUTION_MS }))
  for (const monitor of monitors) monitor.enable()
  let turn = 0
  const timer = setInterval(() => monitors[turn++ % monitors.length]?.reset(), WINDOW_MS).unref()
  return {
    seconds(percentile: number): number {
      const lateMs = Math.max(...monitors.map(monitor => monitor.percentile(percentile))) / 1_000_000 - RESOLUTION_MS
      return Math.max(0, lateMs) / 1_000
    },
    stop() {
      clearInterval(timer)
      for (const monitor of monitors) monitor.disable()
    },
  }
}
