import { setTimeout } from 'node:timers/promises'
import type { Config } from '../../config/load-config.ts'
import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import type { Counters } from '../../observe/counters.ts'
import { type Gauge, prometheusGauges } from '../../observe/gauges.ts'
import type { Log } from '../../observe/log.ts'
import { poolExpositions } from '../../observe/pooled-text.ts'
import { createBackoff } from './backoff.ts'
import type { Listeners } from './gateway.ts'
import { startWorkerProcess, type WorkerProcess, type WorkerState } from './worker-process.ts'

/**
 * The workers together: as many as there should be, on the configuration that was last shown to run. Called by the
 * primary; it touches no request, so that a fault of a worker is never a fault of the whole.
 */
export interface Crew {
  /** Starts all. The first shows whether the configuration runs; throws what it says, and leaves the rest to `stop`. */
  start(): Promise<Listeners>
  /**
   * Replaces every worker by one with this configuration, one after the other, each new one ready before the old one is
   * asked to end. Waits for those that the reload before has left to their last connections, so that there are never more
   * than twice as many. Throws what a new one says that could not start: the others go on as they are.
   */
  reload(config: Config): Promise<void>
  /** Resolves when no worker is left. */
  stop(): Promise<void>
  /** Of all workers and of the crew itself. */
  metrics(): Promise<string>
}

export interface CrewOptions {
  readonly size: number
  readonly config: Config
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
}

interface Member {
  readonly process: WorkerProcess
  /** Of the configuration that it runs. */
  readonly revision: number
}

const STATES: readonly WorkerState[] = ['starting', 'serving', 'stopping']

export function createCrew({ size, config, log, counters, clock }: CrewOptions): Crew {
  const members = new Set<Member>()
  const backoff = createBackoff({ clock })
  const stopping = new AbortController()
  const countRestart = counters.counter('worker_restarts')
  let standard = { config, revision: 1 }
  let isStarted = false
  let isFilling = false

  const count = (...states: readonly WorkerState[]) =>
    [...members].filter(({ process }) => states.includes(process.state())).length
  const gauges: readonly Gauge[] = [
    { name: 'workers', read: () => STATES.map(state => ({ labels: { state }, value: count(state) })) },
  ]

  /** Of no living one: numbers that stay few make metrics that stay few. */
  function freeNumber(): number {
    const taken = new Set([...members].map(({ process }) => process.number))
    let number = 1
    while (taken.has(number)) number++
    return number
  }

  async function recruit({ config, revision }: typeof standard): Promise<Listeners> {
    const process = startWorkerProcess({ number: freeNumber(), config, log, allMetrics: metrics })
    const member = { process, revision }
    members.add(member)
    void process.ended.then(() => {
      members.delete(member)
      void fill()
    })
    const listeners = await process.ready
    log.info({ worker: process.number, pid: process.pid }, 'a worker serves')
    return listeners
  }

  /** Starts what is missing, one at a time, for as long as something is. */
  async function fill(): Promise<void> {
    if (!isStarted || isFilling) return
    isFilling = true
    while (isShort()) {
      await pause(backoff.nextMs())
      // A reload may have filled the place meanwhile.
      if (!isShort()) break
      countRestart()
      await recruit(standard).catch((thrown: unknown) => {
        if (!stopping.signal.aborted)
          log.error({ problem: ensureError(thrown).message }, 'a worker cannot start; it is tried again')
      })
    }
    isFilling = false
  }

  const isShort = () => !stopping.signal.aborted && count('starting', 'serving') < size
  const pause = (ms: number) => setTimeout(ms, undefined, { signal: stopping.signal }).catch(() => {})

  async function metrics(): Promise<string> {
    const asked = [...members].filter(({ process }) => process.state() !== 'starting')
    const told = new Map<string, string>()
    for (const [number, text] of await Promise.all(
      asked.map(async ({ process }) => [String(process.number), await process.metrics()] as const),
    ))
      if (text !== null) told.set(number, text)
    return poolExpositions('worker', told) + counters.prometheus() + prometheusGauges(gauges)
  }

  return {
    metrics,
    async start() {
      const listeners = await recruit(standard)
      await Promise.all(Array.from({ length: size - 1 }, () => recruit(standard)))
      isStarted = true
      void fill()
      return listeners
    },
    async reload(config) {
      await Promise.all(
        [...members].filter(({ process }) => process.state() === 'stopping').map(({ process }) => process.ended),
      )
      const next = { config, revision: standard.revision + 1 }
      const older = () =>
        [...members].find(({ process, revision }) => process.state() === 'serving' && revision < next.revision)
      for (let old = older(); old !== undefined && !stopping.signal.aborted; old = older()) {
        await recruit(next)
        // It runs: from now on whatever dies is replaced by its like.
        standard = next
        void old.process.end('hand-over')
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all([...members].map(({ process }) => process.end('stop')))
    },
  }
}
