import cluster from 'node:cluster'
import { deepFreeze } from '../../model/freeze.ts'
import { createLog } from '../../observe/log.ts'
import { explain } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { startGateway } from './gateway.ts'
import type { ToPrimary, ToWorker } from './messages.ts'
import { createQuestions } from './questions.ts'

/**
 * One worker: a gateway that runs as the primary says, and ends with it. Called by `serve` in a process that the primary
 * has started. Reads no configuration file: what it runs with is what the others run with.
 */

/** Longer than the primary gives each worker for its own. */
const METRICS_TIMEOUT_MS = 2_000

/** Resolves when the gateway has stopped; Node ends the process, without waiting, when the primary is gone. */
export async function runWorker(io: CommandIo): Promise<void> {
  // A terminal and a service manager signal every process of the group: what is to be done is the primary's to say.
  io.onStop?.(() => {})
  io.onReload?.(() => {})
  const told = listen()
  try {
    const { number, config } = await told.start
    const log = createLog({ level: config.log.level }).child({ worker: number })
    const metrics = (own: () => string) => {
      told.onTellMetrics(question => void tell({ kind: 'metrics', question, text: own() }))
      return async () => (await told.allMetrics()) ?? own()
    }
    const gateway = await startGateway(deepFreeze(config), { log, progress: io.stderr, metrics, worker: number })
    await tell({ kind: 'ready', listeners: gateway.listeners })
    await Promise.race([told.stop, told.handOver.then(gateway.handOver)])
    await gateway.stop()
    log.info({}, 'stopped')
  } catch (thrown) {
    await tell({ kind: 'failed', problem: explain(thrown) })
  }
  leave()
}

/**
 * Ends the process once the primary knows that nothing listens here any more: it gives a connection that it was about to
 * hand over to another worker only as long as this one lives to send it back.
 */
function leave(): void {
  process.once('disconnect', () => process.exit())
  cluster.worker?.disconnect()
}

/** Takes what the primary says from now on. */
function listen() {
  const start = Promise.withResolvers<Extract<ToWorker, { kind: 'start' }>>()
  const handOver = Promise.withResolvers<void>()
  const stop = Promise.withResolvers<void>()
  const questions = createQuestions(METRICS_TIMEOUT_MS)
  let tellMetrics = (_question: number): void => {}
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'start':
        return start.resolve(message)
      case 'hand-over':
        return handOver.resolve()
      case 'stop':
        return stop.resolve()
      case 'tell-metrics':
        return tellMetrics(message.question)
      case 'all-metrics':
        return questions.answer(message.question, message.text)
      default:
        return message satisfies never
    }
  })
  return {
    start: start.promise,
    handOver: handOver.promise,
    stop: stop.promise,
    onTellMetrics: (listener: (question: number) => void) => {
      tellMetrics = listener
    },
    allMetrics: () =>
      questions.ask(question => {
        void tell({ kind: 'ask-metrics', question })
        return true
      }),
  }
}

/** Resolves when it has been sent, or there is nobody left to tell. */
function tell(message: ToPrimary): Promise<void> {
  return new Promise(resolve => {
    if (!process.connected || process.send === undefined) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}
