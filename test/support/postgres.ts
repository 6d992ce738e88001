import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'

/**
 * A private PostgreSQL server for one test file: started in a temporary directory on a free loopback port from the
 * binaries of this machine, killed and started again where a test wants it, removed afterwards. Text sorts by a
 * language's rules in it, not by code point.
 */
export interface PostgresServer {
  readonly connectionString: string
  /** As a crash does: nobody is told, and what was committed stays. */
  kill(): Promise<void>
  /** On the same port, with the data it had. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** PEM: the server speaks TLS beside plain text, and knows the clients whose certificates the authority signed. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string }
  /** Lines of `pg_hba.conf` that come before the one that lets everybody in. */
  readonly access?: readonly string[]
  /** Settings of `postgresql.conf`, as `name=value`. */
  readonly settings?: readonly string[]
  /** Listens on no port, but on a socket in this directory, which its account may write to. */
  readonly socketIn?: string
}

const run = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

/** Directory of the newest server on this machine, or null; in continuous integration a missing one is a failure. */
export function postgresBinaries(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map(version => join(DEBIAN, version, 'bin')).find(bin => existsSync(join(bin, 'postgres')))
  if (found === undefined && process.env.CI)
    throw new Error(`no PostgreSQL server under ${DEBIAN}: apt-get install postgresql`)
  return found ?? null
}

export async function startPostgres(binaries: string, options: PostgresOptions = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-postgres-'))
  const account = await serverAccount()
  if (account.uid !== undefined && account.gid !== undefined) await chown(directory, account.uid, account.gid)
  await chmod(directory, 0o700)
  const data = join(directory, 'data')
  const template = process.env.TEST_POSTGRES
  if (template === undefined) await initialise(binaries, data, account)
  else await run('cp', ['--archive', template, data])
  const access = join(data, 'pg_hba.conf')
  await writeFile(access, [...(options.access ?? []), await readFile(access, 'utf8')].join('\n'))
  const port = await freePort()
  const settings = [
    `listen_addresses=${options.socketIn === undefined ? '127.0.0.1' : ''}`,
    `unix_socket_directories=${options.socketIn ?? ''}`,
    'fsync=off',
    'shared_buffers=32MB',
    ...(options.tls ? await tlsSettings(directory, options.tls, account) : []),
    ...(options.settings ?? []),
  ]
  const connectionString =
    options.socketIn === undefined
      ? `postgres://gateway@127.0.0.1:${port}/postgres`
      : `postgres://gateway@localhost/postgres?host=${encodeURIComponent(options.socketIn)}&port=${port}`
  const start = async () => {
    const started = spawn(
      join(binaries, 'postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])],
      { ...account, cwd: directory, stdio: 'ignore' },
    )
    await untilReady(connectionString, () => isRunning(started)).catch(async thrown => {
      await end(started, 'SIGKILL')
      throw thrown
    })
    return started
  }
  let server = await start().catch(async thrown => {
    await rm(directory, { recursive: true, force: true })
    throw thrown
  })
  return {
    connectionString,
    kill: () => end(server, 'SIGKILL'),
    async restart() {
      await end(server, 'SIGKILL')
      server = await restarted(start)
    },
    async stop() {
      // SIGINT is PostgreSQL's fast shutdown: it ends the sessions that are open.
      await end(server, 'SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Makes a directory of data that servers are started on, or on copies of it, which are made in a tenth of the time. */
export async function makePostgresTemplate(binaries: string, directory: string): Promise<string> {
  const account = await serverAccount()
  // Its account has to reach it.
  await chmod(directory, 0o711)
  const parent = await mkdtemp(join(directory, 'postgres-'))
  if (account.uid !== undefined && account.gid !== undefined) await chown(parent, account.uid, account.gid)
  const data = join(parent, 'data')
  await initialise(binaries, data, account)
  return data
}

async function initialise(binaries: string, data: string, account: Account): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en']
  const options = ['-D', data, '-U', 'gateway', '--auth=trust', '--no-sync', '--no-instructions', ...locale]
  await run(join(binaries, 'initdb'), options, { ...account, cwd: dirname(data) })
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(server)) return
  const exited = once(server, 'exit')
  server.kill(signal)
  await exited
}

/** Sessions outlive the server that was killed by a moment, and no other starts beside them. */
async function restarted(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (thrown) {
      if (attempt === RESTARTS) throw thrown
      await setTimeout(100)
    }
  }
}
const RESTARTS = 50

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** The server reads a key only where nobody else can. */
async function tlsSettings(
  directory: string,
  { cert, key, ca }: NonNullable<PostgresOptions['tls']>,
  { uid, gid }: Account,
): Promise<readonly string[]> {
  const files = { ssl_cert_file: cert, ssl_key_file: key, ssl_ca_file: ca }
  for (const [setting, pem] of Object.entries(files)) {
    const file = join(directory, `${setting}.pem`)
    await writeFile(file, pem, { mode: 0o600 })
    if (uid !== undefined && gid !== undefined) await chown(file, uid, gid)
  }
  return ['ssl=on', ...Object.keys(files).map(setting => `${setting}=${join(directory, `${setting}.pem`)}`)]
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
async function serverAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async flag => (await run('id', [flag, 'postgres'])).stdout))
  return { uid: Number(uid), gid: Number(gid) }
}

async function untilReady(connectionString: string, isRunning: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (!isRunning()) throw new Error('the private PostgreSQL server did not start')
    const client = new pg.Client({ connectionString })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await setTimeout(50)
    }
  }
  throw new Error('the private PostgreSQL server was not ready in time')
}
