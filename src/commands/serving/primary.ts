import cluster from 'node:cluster'
import type { Config } from '../../config/load-config.ts'
import { systemClock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import { createCounters } from '../../observe/counters.ts'
import { createLog } from '../../observe/log.ts'
import type { CommandIo } from '../command-io.ts'
import { createCrew } from './crew.ts'

/**
 * The process over the workers: starts them, tells them of signals, and is the last to end. Called by `serve` where
 * workers are asked for. It serves nobody itself and reads nothing but the configuration.
 *
 * It accepts the connections and hands each to the next worker (SCHED_RR of Node's cluster). Measured on two cores, with
 * workers replaced as fast as they start under 16 clients: this way and with one listening socket that all workers
 * accept from (SCHED_NONE) no request was lost; with a socket for each (SO_REUSEPORT) some hundred were reset, because a
 * socket takes those connections along that wait in its own queue. Of 80 connections to 8 workers, each had 10 this
 * way, and from none to 28 with the shared socket: connections that are kept for hours would stay so. The price is a step
 * for each connection (half the rate where every request makes a new one), and none for a request on a connection that is kept.
 */

export interface PrimaryOptions {
  readonly workers: number
  /** The one to start with. */
  readonly config: Config
  /** Reads the configuration anew; throws `ConfigError` where it cannot be used. */
  readonly readConfig: () => Promise<Config>
  /** Resolves when the gateway is to stop. */
  readonly asked: Promise<void>
  readonly io: CommandIo
}

/** Resolves when every worker has stopped as asked. Throws what the first one says where the configuration cannot run. */
export async function runPrimary({ workers, config, readConfig, asked, io }: PrimaryOptions): Promise<void> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  // By structured clone: a configuration is more than JSON.
  cluster.setupPrimary({ serialization: 'advanced' })
  const log = createLog({ level: config.log.level })
  const counters = createCounters()
  const crew = createCrew({ size: workers, config, log, counters, clock: systemClock })
  let isStopping = false
  let isReloadWaiting = false

  async function reload(): Promise<void> {
    isReloadWaiting = false
    if (isStopping) return
    log.info({}, 'reloading: one worker after the other is replaced')
    try {
      await crew.reload(await readConfig())
      if (isStopping) return
      counters.count('reloads', { outcome: 'done' })
      log.info({ workers }, 'reloaded')
    } catch (thrown) {
      if (isStopping) return
      counters.count('reloads', { outcome: 'refused' })
      log.error(
        { problem: ensureError(thrown).message },
        'not reloaded: the configuration cannot be used; workers that were not replaced yet go on with the one they have',
      )
    }
  }

  const started = crew.start()
  let turn: Promise<unknown> = started
  io.onReload?.(() => {
    // One that waits will read what is there then.
    if (isReloadWaiting) return
    isReloadWaiting = true
    turn = turn.then(reload)
  })
  try {
    const listeners = await Promise.race([started, asked])
    if (listeners) {
      log.info({ ...listeners, workers }, 'ready')
      await asked
    }
    log.info(
      { graceMs: config.limits.shutdownGraceMs },
      'stopping: requests in flight are finished, new ones are refused',
    )
  } finally {
    isStopping = true
    await crew.stop()
    // What was under way ends with the workers, one way or the other.
    await turn.catch(() => {})
  }
  log.info({}, 'stopped')
}
