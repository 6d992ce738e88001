import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/**
 * A private Valkey or Redis server for one test file, on a free loopback port, with nothing on disk. It can be frozen,
 * killed and started again where it was; whatever happened to it, `stop` ends it.
 */
export interface RedisServer {
  /** As the default user, who may do everything. */
  readonly url: string
  readonly port: number
  /** As `redis-cli` would, from outside the gateway; gives what it prints. */
  run(...command: readonly string[]): string
  /** It keeps its connections and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
  kill(): Promise<void>
  /** On the same port, empty. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface RedisOptions {
  /** Lines of `redis.conf` that follow the name of a user: `name on >secret ~prefix:* …`. */
  readonly users?: readonly string[]
  /** Speaks TLS alone, with these PEM files. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
  /** Further lines of `redis.conf`. */
  readonly settings?: readonly string[]
}

/** The server's program on this machine, or null; in continuous integration a missing one is a failure. */
export function redisBinary(): string | null {
  const directories = (process.env.PATH ?? '').split(delimiter)
  const candidates = ['valkey-server', 'redis-server'].flatMap(name => directories.map(path => join(path, name)))
  const found = candidates.find(candidate => existsSync(candidate))
  if (found === undefined && process.env.CI) throw new Error('no Valkey or Redis server: apt-get install redis-server')
  return found ?? null
}

export async function startRedis(binary: string, options: RedisOptions = {}): Promise<RedisServer> {
  const { users = [], tls, settings = [] } = options
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-redis-'))
  const port = await freePort()
  const lines = [
    ...(tls
      ? [
          'port 0',
          `tls-port ${port}`,
          `tls-ca-cert-file ${tls.ca}`,
          `tls-cert-file ${tls.cert}`,
          `tls-key-file ${tls.key}`,
        ]
      : [`port ${port}`]),
    ...['bind 127.0.0.1', `dir ${directory}`, 'save ""', 'appendonly no'],
    ...users.map(user => `user ${user}`),
    ...settings,
  ]
  const file = join(directory, 'redis.conf')
  await writeFile(file, lines.join('\n'))
  const start = async () => {
    const server = spawn(binary, [file], { stdio: 'ignore' })
    await untilReady(port, () => server.exitCode === null)
    return server
  }
  let server = await start()
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  const secured = tls ? ['--tls', '--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key] : []
  return {
    url: `${tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    port,
    run: (...command) =>
      execFileSync(binary.replace(/-server$/, '-cli'), ['-p', String(port), ...secured, ...command], {
        encoding: 'utf8',
        timeout: 5_000,
      }).trim(),
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    kill,
    async restart() {
      await kill()
      server = await start()
    },
    async stop() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function untilReady(port: number, isRunning: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (!isRunning()) throw new Error('the private Redis server did not start')
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close')]).catch(
      () => false,
    )
    socket.destroy()
    if (isOpen === true) return
    await setTimeout(25)
  }
  throw new Error('the private Redis server was not ready in time')
}
