import cluster from 'node:cluster'
import type { Config } from '../../config/load-config.ts'
import { listenerOptions } from '../../http/server.ts'
import type { Log } from '../../observe/log.ts'
import { CommandFailure } from '../command.ts'
import type { Listeners } from './gateway.ts'
import { lingerMsOf } from './hand-over.ts'
import type { ToPrimary, ToWorker } from './messages.ts'
import { createQuestions } from './questions.ts'

/**
 * A worker as the primary sees it: started, ready, asked to end, and killed where it does not. Called by the crew; it
 * decides nothing about when.
 */
export interface WorkerProcess {
  /** From 1; of no other worker that lives. */
  readonly number: number
  readonly pid: number
  /** Rejects with `CommandFailure`, in the worker's own words where it had any. */
  readonly ready: Promise<Listeners>
  readonly ended: Promise<void>
  state(): WorkerState
  /** `hand-over`: without refusing anybody, as another serves in its place. Resolves when the process is gone. */
  end(how: 'hand-over' | 'stop'): Promise<void>
  /** Its own metrics, in the text format of Prometheus; null: it does not answer. */
  metrics(): Promise<string | null>
}

export type WorkerState = 'starting' | 'serving' | 'stopping'

export interface WorkerOptions {
  readonly number: number
  readonly config: Config
  readonly log: Log
  /** The metrics of all workers, which each of them may be asked for. */
  readonly allMetrics: () => Promise<string>
}

/** Longest that a start may take: loading large extracts is most of it. */
const START_LIMIT_MS = 300_000
/** What closing takes beside the grace of requests in flight. */
const CLOSE_LIMIT_MS = 5_000
const METRICS_TIMEOUT_MS = 1_000

export function startWorkerProcess({ number, config, log, allMetrics }: WorkerOptions): WorkerProcess {
  const worker = cluster.fork()
  const pid = worker.process.pid ?? 0
  const questions = createQuestions(METRICS_TIMEOUT_MS)
  const ready = Promise.withResolvers<Listeners>()
  // Whoever starts it waits for this; a worker that is stopped before need not be waited for.
  ready.promise.catch(() => {})
  let state: WorkerState = 'starting'

  // What cannot be sent is of no use to a worker that is gone; its end is seen below.
  const tell = (message: ToWorker): boolean => worker.isConnected() && worker.process.send(message, () => {})
  const kill = (why: string) => {
    log.error({ worker: number, pid }, `a worker ${why}, and is killed`)
    worker.process.kill('SIGKILL')
  }
  const starting = setTimeout(kill, START_LIMIT_MS, 'does not get ready')

  worker.on('message', (message: ToPrimary) => {
    switch (message.kind) {
      case 'ready':
        clearTimeout(starting)
        if (state === 'starting') state = 'serving'
        return ready.resolve(message.listeners)
      case 'failed':
        return ready.reject(new CommandFailure(message.problem))
      case 'metrics':
        return questions.answer(message.question, message.text)
      case 'ask-metrics':
        void allMetrics().then(text => tell({ kind: 'all-metrics', question: message.question, text }))
        return
      default:
        return message satisfies never
    }
  })
  // A channel that breaks ends the worker; without a listener it would end the primary.
  worker.on('error', error => log.warn({ worker: number, pid, error }, 'the channel to a worker is broken'))
  const ended = Promise.withResolvers<void>()
  worker.once('exit', (code: number | null, signal: string | null) => {
    clearTimeout(starting)
    ready.reject(new CommandFailure(`a worker ended before it was ready (${signal ?? `exit code ${code}`})`))
    if (state === 'serving') log.error({ worker: number, pid, code, signal }, 'a worker died; another takes its place')
    ended.resolve()
  })
  tell({ kind: 'start', number, config })

  return {
    number,
    pid,
    ready: ready.promise,
    ended: ended.promise,
    state: () => state,
    async end(how) {
      state = 'stopping'
      tell({ kind: how })
      const lingerMs = how === 'hand-over' ? lingerMsOf(listenerOptions(config.limits)) : 0
      const limit = setTimeout(kill, lingerMs + config.limits.shutdownGraceMs + CLOSE_LIMIT_MS, 'does not stop')
      await ended.promise
      clearTimeout(limit)
    },
    metrics: () => questions.ask(question => tell({ kind: 'tell-metrics', question })),
  }
}
