import { existsSync } from 'node:fs'
import { embeddedDatabaseDirectory } from '../../config/embedded.ts'
import { type Config, loadConfig } from '../../config/load-config.ts'
import type { MappedConnector } from '../../connectors/mapped-connector.ts'
import { openSystem } from '../../connectors/open.ts'
import { createEmbeddedPostgres } from '../../connectors/postgres/embedded.ts'
import { systemClock } from '../../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import { createCounters } from '../../observe/counters.ts'
import { createLog } from '../../observe/log.ts'
import { withinDeadline } from '../../systems/deadline.ts'
import { HELP, HELP_USAGE, JSON_OUTPUT, JSON_USAGE, readArguments, systemNamed, wholeNumber } from '../arguments.ts'
import { CommandFailure, createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { lockDirectory } from '../directory-lock.ts'
import { checkConfiguration } from './checks/configuration-check.ts'
import { problemsIn, reportText } from './checks/report.ts'
import { servicesOf } from './checks/services.ts'

/**
 * `config check FILE`: everything that a configuration names, as a gateway would find it, without serving. What is
 * checked stands in `checks/`. It writes nothing to what it looks at, and leaves nothing running.
 */

const USAGE = `usage: recovery-gateway config check FILE [--system NAME] [--timeout SECONDS] [--json]

Checks the file, then all that it names. Each system answers and cannot be written to; each relation is
mapped with the right types; a first page of real rows is what its relation says, and keys, owners and pages
work with it. Then the site directory, the trusted documents, the issuer's keys, the keys of those who sign,
the journal, the shared store, and the secrets and tables of webhooks. No value of a row is shown. The exit
code is 1 where a problem was found, 3 where the file itself is wrong and nothing was checked.

  --system NAME            of this system only, and nothing else
  --timeout SECONDS        the longest that one step may take (30), and the first load of extracts (600)
${JSON_USAGE}${HELP_USAGE}`

interface Request {
  readonly file: string
  /** Null: all, and everything beside them. */
  readonly system: SystemKey | null
  readonly deadlineMs: number
  readonly loadingMs: number
  readonly json: boolean
}

export const runConfigCheck = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: check })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(
    args,
    { system: { type: 'string' }, timeout: { type: 'string' }, ...JSON_OUTPUT, ...HELP },
    ['FILE'],
  )
  if (read === 'help') return read
  const { system, timeout, json } = read.values
  return {
    file: read.operands.FILE,
    system: system === undefined ? null : systemNamed('--system', system),
    deadlineMs: seconds(timeout ?? '30') * 1_000,
    loadingMs: seconds(timeout ?? '600') * 1_000,
    json,
  }
}

function seconds(timeout: string): number {
  return wholeNumber('--timeout', timeout, 1, 3_600)
}

async function check({ file, system, deadlineMs, loadingMs, json }: Request, io: CommandIo): Promise<Outcome> {
  const config = await loadConfig(file, io.env)
  const systems = SYSTEM_KEYS.filter(key => system === null || key === system)
  const embedded = needsEmbedded(config, system) ? await openEmbedded(config) : null
  try {
    // What goes wrong is in the report; the log of a gateway that does not run is nobody's.
    const log = createLog({ level: 'error', destination: { write: () => {} } })
    const counters = createCounters()
    // A first drop has a step of its own, with a time of its own.
    const ground = { log, clock: systemClock, counters, embedded: embedded?.postgres ?? null, startWaitMs: 0 }
    const connectors = createOpenings(key => openSystem(key, config.systems[key], ground))
    const report = await untilStopped(
      checkConfiguration({
        config,
        systems,
        services: system === null ? servicesOf(config, ground) : [],
        open: connectors.open,
        deadlineMs,
        loadingMs,
        clock: systemClock,
        progress: io.stderr,
      }),
      connectors.close,
      io,
    )
    const ok = problemsIn(report).length === 0
    io.stdout(json ? `${JSON.stringify({ ok, ...report })}\n` : reportText(report, io.columns))
    return ok ? 'done' : 'refused'
  } finally {
    await embedded?.close()
  }
}

/** What was opened, so that it can be closed wherever the check is. */
function createOpenings(open: (system: SystemKey) => Promise<MappedConnector>) {
  const openings: Promise<MappedConnector>[] = []
  return {
    open(system: SystemKey): Promise<MappedConnector> {
      const opening = open(system)
      openings.push(opening)
      return opening
    },
    close: () => Promise.allSettled(openings.map(async opening => (await opening).close())),
  }
}

/** A check that is stopped leaves no files behind either: those of a drop may be large. */
async function untilStopped<T>(checked: Promise<T>, close: () => Promise<unknown>, io: CommandIo): Promise<T> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<'stopped'>()
  io.onStop?.(() => stop('stopped'))
  const outcome = await Promise.race([checked.then(value => ({ value })), stopped])
  if (outcome !== 'stopped') return outcome.value
  await withinDeadline(CLOSING_MS, close).catch(() => {})
  throw new CommandFailure('it was stopped before everything was checked')
}

/** What takes longer to close is left to end with the process. */
const CLOSING_MS = 5_000

/** The journal of the embedded default is there, and any of the systems may be. */
function needsEmbedded({ systems }: Config, system: SystemKey | null): boolean {
  return system === null || systems[system].connectors.some(({ kind }) => kind === 'embedded-postgres')
}

/** The databases of the embedded default, once a first start has made them, and nobody else's meanwhile. */
async function openEmbedded({ embedded }: Config) {
  if (embedded === undefined) return null
  const { directory } = embedded
  const databases = embeddedDatabaseDirectory(directory)
  if (!existsSync(databases))
    throw new CommandFailure(
      `${directory}: has no database yet, so there is nothing to check; start the gateway with this configuration once (npm start, or recovery-gateway serve), stop it, and check again`,
    )
  const { release } = await lockDirectory(directory)
  const postgres = createEmbeddedPostgres(databases)
  return {
    postgres,
    async close() {
      await postgres.close()
      await release()
    },
  }
}
