import { parseArgs } from 'node:util'
import { createApp } from '../app.ts'
import { EMBEDDED_CONFIG_FILE } from '../config/embedded.ts'
import { type Config, loadConfig } from '../config/load-config.ts'
import { createShutdown } from '../http/shutdown.ts'
import { systemClock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { createCounters } from '../observe/counters.ts'
import { createLog } from '../observe/log.ts'
import type { CommandIo } from './command-io.ts'
import { prepareEmbedded } from './embedded.ts'
import { welcome } from './welcome.ts'

/** `serve`: runs the gateway until it is asked to stop. */

const USAGE = `usage: serve [--config FILE] [--fresh]

  --config FILE  the configuration; without it the embedded default, which needs no server, account or network
  --fresh        embedded default only: throw its databases and keys away and make them anew
  --help         this text

PORT and ADMIN_PORT choose the ports of the embedded default (4000 and 4001).
`

interface Request {
  readonly file: string
  readonly fresh: boolean
}

/** Returns the exit code: 0 stopped as asked, 1 could not start, 2 bad usage. */
export async function runServe(args: readonly string[], io: CommandIo): Promise<number> {
  let request: Request | 'help'
  try {
    request = parseRequest(args)
  } catch (thrown) {
    io.stderr(`${ensureError(thrown).message}\n${USAGE}`)
    return 2
  }
  if (request === 'help') {
    io.stdout(USAGE)
    return 0
  }
  try {
    const config = await loadConfig(request.file, io.env)
    await serve(config, request, io)
    return 0
  } catch (thrown) {
    io.stderr(`recovery-gateway cannot start:\n${ensureError(thrown).message}\n`)
    return 1
  }
}

function parseRequest(args: readonly string[]): Request | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, fresh: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  })
  return values.help ? 'help' : { file: values.config ?? EMBEDDED_CONFIG_FILE, fresh: values.fresh }
}

/** Resolves when the gateway has stopped. */
async function serve(config: Config, { fresh }: Request, io: CommandIo): Promise<void> {
  const embedded = await prepareEmbedded(config, { fresh, progress: io.stderr })
  const log = createLog({ level: config.log.level })
  try {
    const app = await createApp(config, { log, counters: createCounters(), clock: systemClock })
    const stopped = Promise.withResolvers<void>()
    const shutdown = createShutdown({
      servers: [app.partners, app.admin],
      close: app.close,
      graceMs: config.limits.shutdownGraceMs,
      log,
    })
    io.onStop?.(() => void shutdown.stop().then(stopped.resolve, stopped.reject))

    for (const { system, failure } of await app.prove()) {
      if (failure)
        log.warn({ system, error: failure }, 'a system cannot be read yet; its fields stay unavailable until it can')
    }
    const { host, port, adminHost, adminPort } = config.listen
    const partners = await app.partners.listen({ host, port })
    const admin = await app.admin.listen({ host: adminHost, port: adminPort })
    if (config.embedded)
      io.stdout(welcome({ partners, admin, state: app.recovery.current().state, systems: config.systems }))
    log.info({ partners, admin }, 'ready')
    await stopped.promise
  } finally {
    await embedded.release()
  }
}
