import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Question } from './gateway.ts'
import { watch } from './watched-logs.ts'

/** A gateway as a process of its own, as a site runs it: started from a configuration file, asked over TCP, killed. */
export interface GatewayProcess {
  /** URL of the listener for partners. */
  readonly partners: string
  /** URL of the admin listener. */
  readonly admin: string
  readonly child: ChildProcessByStdio<null, null, Readable>
  /** What it has logged so far. */
  log(): string
  /** A counter of `/metrics`, by its name and labels as they are written there; 0 where it never counted. */
  metric(name: string): Promise<number>
  /** Resolves when the process has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

const BIN = fileURLToPath(new URL('../../bin/recovery-gateway.mjs', import.meta.url))

/** `options`: further ones of `serve`. */
export async function startProcess(
  config: string,
  env: NodeJS.ProcessEnv = {},
  options: readonly string[] = [],
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [BIN, 'serve', '--config', config, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'exit')
  let logged = ''
  const look = watch('of a process')
  const ready = Promise.withResolvers<{ readonly partners: string; readonly admin: string }>()
  child.stderr.setEncoding('utf8').on('data', chunk => {
    logged += chunk
    look(chunk)
    const line = logged.split('\n').find(candidate => candidate.includes('"message":"ready"'))
    if (line !== undefined) ready.resolve(JSON.parse(line))
  })
  void exited.then(() => ready.reject(new Error(`ended before it was ready: ${logged}`)))
  const { partners, admin } = await ready.promise
  return {
    partners,
    admin,
    child,
    log: () => logged,
    async metric(name) {
      const metrics = await (await fetch(`${admin}/metrics`)).text()
      const line = metrics.split('\n').find(candidate => candidate.startsWith(`${name} `))
      return Number(line?.slice(name.length + 1) ?? 0)
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await exited
    },
  }
}

/** Asks over TCP; rejects where the connection fails. */
export async function askOver(url: string, token: string, question: Question, timeoutMs = 10_000) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(timeoutMs),
  })
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path in tests
  return { status: response.status, body: (await response.json()) as any }
}

/** What a run of the command line came to. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function runGateway(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  watch('of a process')(`${stderr}\n`)
  return { code, stdout, stderr }
}
