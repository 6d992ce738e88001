import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { EMBEDDED_CONFIG_FILE } from '../config/embedded.ts'
import { type Config, loadConfig } from '../config/load-config.ts'
import { createLog } from '../observe/log.ts'
import { assertConfigurationKept } from '../self-test/file-permissions.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { prepareEmbedded } from './embedded.ts'
import { watchForOrphaning } from './orphaned.ts'
import { startGateway } from './serving/gateway.ts'
import { runPrimary } from './serving/primary.ts'
import { runWorker } from './serving/worker.ts'
import { assertFitForWorkers, parseWorkerCount } from './serving/worker-count.ts'
import { welcome } from './welcome.ts'

/** `serve`: runs the gateway until it is asked to stop, in this process or in several. */

const USAGE = `usage: recovery-gateway serve [--config FILE] [--workers N|auto] [--fresh]

  --config FILE  the configuration; without it the embedded default, which needs no server, account or network
  --workers N    so many processes (1 to 64) on the same ports, or auto: one for each core; what dies is
                 replaced, and SIGHUP takes up a changed configuration without losing a request
  --fresh        embedded default only: throw its databases, its journal and all keys away and make them anew
  --help         this text

PORT and ADMIN_PORT choose the ports of the embedded default (4000 and 4001).
`

interface Request {
  readonly file: string
  readonly fresh: boolean
  /** Null: one process, this one. */
  readonly workers: number | null
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
    const config = await loadConfig(file, io.env)
    if (workers !== null) assertFitForWorkers(config, file, workers)
    return config
  }
  const config = await readConfig()
  const embedded = await prepareEmbedded(config, { fresh, progress: io.stderr })
  const stop = whenAsked(io)
  try {
    if (workers === null) await run(config, file, stop.asked, io)
    else await runPrimary({ workers, config, readConfig, asked: stop.asked, io })
  } finally {
    stop.unwatch()
    await embedded.release()
  }
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
