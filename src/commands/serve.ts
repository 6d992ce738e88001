import { parseArgs } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { type App, createApp } from '../app.ts'
import { EMBEDDED_CONFIG_FILE } from '../config/embedded.ts'
import { type Config, loadConfig } from '../config/load-config.ts'
import { createShutdown } from '../http/shutdown.ts'
import { systemClock } from '../model/clock.ts'
import { ConfigError } from '../model/operator-file.ts'
import { createCounters } from '../observe/counters.ts'
import { createLog, type Log } from '../observe/log.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { prepareEmbedded, tellSampleStory } from './embedded.ts'
import { watchForOrphaning } from './orphaned.ts'
import { welcome } from './welcome.ts'

/** `serve`: runs the gateway until it is asked to stop. */

const USAGE = `usage: recovery-gateway serve [--config FILE] [--fresh]

  --config FILE  the configuration; without it the embedded default, which needs no server, account or network
  --fresh        embedded default only: throw its databases, its journal and all keys away and make them anew
  --help         this text

PORT and ADMIN_PORT choose the ports of the embedded default (4000 and 4001).
`

interface Request {
  readonly file: string
  readonly fresh: boolean
}

/** Done as soon as the gateway has stopped as asked. */
export const runServe = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: serve })

function parseRequest(args: readonly string[]): Request | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  return values.help ? 'help' : { file: values.config ?? EMBEDDED_CONFIG_FILE, fresh: values.fresh }
}

/** Resolves when the gateway has stopped. */
async function serve({ file, fresh }: Request, io: CommandIo): Promise<void> {
  const config = await loadConfig(file, io.env)
  const embedded = await prepareEmbedded(config, { fresh, progress: io.stderr })
  try {
    await run(config, file, io)
  } finally {
    await embedded.release()
  }
}

async function run(config: Config, file: string, io: CommandIo): Promise<void> {
  const log = createLog({ level: config.log.level })
  const asked = Promise.withResolvers<void>()
  io.onStop?.(asked.resolve)
  const unwatch =
    io.env.npm_lifecycle_event === undefined ? () => {} : watchForOrphaning(() => process.ppid, asked.resolve)

  const app = await createApp(config, { log, counters: createCounters(), clock: systemClock })
  const { shutdownGraceMs: graceMs } = config.limits
  const shutdown = createShutdown({ servers: [app.partners, app.admin], close: app.close, graceMs })
  try {
    await proveSystems(app, log)
    await tellSampleStory(app, config, { clock: systemClock, progress: io.stderr })
    const { host, port, adminHost, adminPort } = config.listen
    const listeners = {
      partners: await listenOn(app.partners, 'port', host, port),
      admin: await listenOn(app.admin, 'adminPort', adminHost, adminPort),
    }
    if (file === EMBEDDED_CONFIG_FILE) io.stdout(welcome({ ...listeners, config, state: app.recovery.current().state }))
    else log.info(listeners, 'ready')
    await asked.promise
    log.info({ graceMs }, 'stopping: requests in flight are finished, new ones are refused')
  } finally {
    unwatch()
    await shutdown.stop()
  }
  log.info({}, 'stopped')
}

async function proveSystems(app: App, log: Log): Promise<void> {
  for (const { system, failure } of await app.prove()) {
    if (failure)
      log.warn({ system, error: failure }, 'a system cannot be read yet; its fields stay unavailable until it can')
  }
}

/** Returns the listener's URL. */
async function listenOn(
  server: FastifyInstance,
  setting: 'port' | 'adminPort',
  host: string,
  port: number,
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (thrown) {
    const reason = LISTEN_ERRORS[(thrown as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw thrown
    const variable = setting === 'port' ? 'PORT' : 'ADMIN_PORT'
    throw new ConfigError(
      [`listen.${setting}: cannot listen on ${host} port ${port}: ${reason} (embedded default: set ${variable})`],
      { cause: thrown },
    )
  }
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'permission denied; choose a port above 1023',
}
