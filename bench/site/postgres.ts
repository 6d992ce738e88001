import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../test/support/free-port.ts'

/**
 * A private PostgreSQL server on a data directory that outlives it, from the binaries of this machine. It counts every
 * statement, so that the reads of any variant can be told from outside. Called by whoever opens the site.
 */
export interface Postgres {
  /** As its superuser. */
  readonly url: string
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Made where it is not there. */
  readonly directory: string
  /** The core it runs on; null: any. */
  readonly cpu: number | null
}

const run = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

/** Nothing that is measured waits for a disk, and nothing that is in it would be missed. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  'max_wal_size=4GB',
  'shared_buffers=512MB',
  'max_connections=200',
  'autovacuum=off',
  'shared_preload_libraries=pg_stat_statements',
  'pg_stat_statements.track_utility=off',
]

/** Throws an `Error` with the remedy where this machine has no server, or another run uses the directory. */
export async function startPostgres({ directory, cpu }: PostgresOptions): Promise<Postgres> {
  const binaries = newestBinaries()
  const account = await serverAccount()
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    await mkdir(dirname(directory), { recursive: true })
    await mkdir(directory, { mode: 0o700 })
    if (account.uid !== undefined && account.gid !== undefined) await chown(directory, account.uid, account.gid)
    await run(
      join(binaries, 'initdb'),
      [
        '-D',
        directory,
        '-U',
        'bench',
        '--auth=trust',
        '--no-sync',
        '--no-instructions',
        '-E',
        'UTF8',
        '--locale=C.UTF-8',
      ],
      { ...account, cwd: '/' },
    )
  }
  const port = await freePort()
  const command = [
    join(binaries, 'postgres'),
    '-D',
    directory,
    '-p',
    String(port),
    ...SETTINGS.flatMap(setting => ['-c', setting]),
  ]
  const [file = '', ...args] = cpu === null ? command : ['taskset', '-c', String(cpu), ...command]
  const server = spawn(file, args, { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr.setEncoding('utf8').on('data', text => {
    said = (said + text).slice(-2_000)
  })
  const exited = once(server, 'exit')
  const stop = async () => {
    // SIGINT is PostgreSQL's fast shutdown: it ends the sessions that are open.
    if (server.exitCode === null) server.kill('SIGINT')
    await exited
  }
  const url = `postgres://bench@127.0.0.1:${port}/postgres`
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (server.exitCode !== null)
      throw new Error(`PostgreSQL on ${directory} did not start; does another run use it?\n${said}`)
    if (await answers(url)) return { url, stop }
    await setTimeout(50)
  }
  await stop()
  throw new Error(`PostgreSQL on ${directory} was not ready within 20 s\n${said}`)
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

function newestBinaries(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map(version => join(DEBIAN, version, 'bin')).find(bin => existsSync(join(bin, 'postgres')))
  if (found === undefined) throw new Error(`no PostgreSQL server under ${DEBIAN}: apt-get install postgresql`)
  return found
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
async function serverAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async flag => (await run('id', [flag, 'postgres'])).stdout))
  return { uid: Number(uid), gid: Number(gid) }
}
