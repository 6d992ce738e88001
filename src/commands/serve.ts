import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { EMBEDDED_CONFIG_FILE } from '../config/embedded.ts'
import { type Config, loadConfig } from '../config/load-config.ts'
import { memoryBoundOf } from '../config/memory-bound.ts'
import { createLog } from '../observe/log.ts'
import { assertConfigurationKept } from '../self-test/file-permissions.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { prepareEmbedded } from './embedded.ts'
import { watchForOrphaning } from './orphaned.ts'
import { startGateway } from './serving/gateway.ts'
import { runPrimary } from './serving/primary.ts'
import { runWorker } from './serving/worker.ts'
import { assertFitForWorkers, parseWorkerCount, roomHere, workersIn } from './serving/worker-count.ts'
import { welcome } from './welcome.ts'

/** `serve`: runs the gateway until it is asked to stop, in this process or in several. */

const USAGE = `usage: recovery-gateway serve [--config FILE] [--workers N|auto] [--fresh]

  --config FILE  the configuration; without it the embedded default, which needs no server, account or network
  --workers N    so many processes (1 to 64) on the same ports, or auto: one for each core that has the memory
                 for it; what dies is replaced, and SIGHUP takes up a changed configuration without losing a
                 request
  --fresh        embedded default only: throw its databases, its journal and all keys away and make them anew
  --help         this text

PORT and ADMIN_PORT choose the ports of the embedded default (4000 and 4001).
`

interface Request {
  readonly file: string
  readonly fresh: boolean
  /** Null: one process, this one. */
  readonly workers: number | 'auto' | null
}

/** Done as soon as the gateway has stopped as asked. */
export const runServe = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: serve })

function parseRequest(args: readonly string[]): Request | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      workers: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const { config = EMBEDDED_CONFIG_FILE, workers, fresh } = values
  return { file: config, fresh, workers: workers === undefined ? null : parseWorkerCount(workers) }
}

/** Resolves when the gateway has stopped. */
async function serve({ file, fresh, workers }: Request, io: CommandIo): Promise<void> {
  if (cluster.isWorker) return runWorker(io)
  const readConfig = async () => {
    await assertConfigurationKept(file)
    return loadConfig(file, io.env)
  }
  const config = await readConfig()
  const count = workers === null ? null : workersFor(config, file, workers)
  const embedded = await prepareEmbedded(config, { fresh, progress: io.stderr })
  const stop = whenAsked(io)
  try {
    if (count === null) await run(config, file, stop.asked, io)
    else {
      const readAnew = async () => {
        const changed = await readConfig()
        assertFitForWorkers(changed, file, count)
        return changed
      }
      await runPrimary({ workers: count, config, readConfig: readAnew, asked: stop.asked, io })
    }
  } finally {
    stop.unwatch()
    await embedded.release()
  }
}

/** Throws `ConfigError` where the configuration is not fit for so many; says where memory, and not cores, decides. */
function workersFor(config: Config, file: string, asked: number | 'auto'): number {
  const [room, boundBytes] = [roomHere(), memoryBoundOf(config)]
  const { count, isTight } = workersIn(room, asked, boundBytes)
  assertFitForWorkers(config, file, count)
  const log = createLog({ level: config.log.level })
  const fields = { workers: count, ...room, boundBytes }
  if (isTight) log.warn(fields, 'at a reload so many workers may take more memory than there is')
  else if (asked === 'auto' && count < room.cores)
    log.info(fields, 'there is not the memory for a worker for each core')
  return count
}

function whenAsked(io: CommandIo): { readonly asked: Promise<void>; unwatch(): void } {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  io.onStop?.(resolve)
  const isOfNpm = io.env.npm_lifecycle_event !== undefined
  return { asked, unwatch: isOfNpm ? watchForOrphaning(() => process.ppid, resolve) : () => {} }
}

async function run(config: Config, file: string, asked: Promise<void>, io: CommandIo): Promise<void> {
  const log = createLog({ level: config.log.level })
  const { app, listeners, stop } = await startGateway(config, { log, progress: io.stderr })
  try {
    if (file === EMBEDDED_CONFIG_FILE) io.stdout(welcome({ ...listeners, config, state: app.recovery.current().state }))
    else log.info({ ...listeners }, 'ready')
    await asked
    log.info(
      { graceMs: config.limits.shutdownGraceMs },
      'stopping: requests in flight are finished, new ones are refused',
    )
  } finally {
    await stop()
  }
  log.info({}, 'stopped')
}
