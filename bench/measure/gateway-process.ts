import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/**
 * The product's own process, started from any configuration file. For measurements of the gateway alone, where its
 * settings or its number of processes matter; where it is compared with others, it is a variant like them.
 */
export interface GatewayProcess {
  /** Of its processes, workers included. */
  pids(): readonly number[]
  stop(): Promise<void>
}

export interface GatewayProcessOptions {
  readonly configFile: string
  /** Answers as soon as it is ready. */
  readonly readyUrl: string
  /** Null: any core. */
  readonly cpu: number | null
  /** Default: one process, without the option. */
  readonly workers?: number
}

export const GATEWAY_BIN = fileURLToPath(new URL('../../bin/recovery-gateway.mjs', import.meta.url))
const PATIENCE_MS = 60_000
const POLL_MS = 25

/** @throws Error with what it has said of its failure, where it ends or is not ready within a minute */
export async function startGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { configFile, readyUrl, cpu, workers } = options
  const { child, said } = spawnGateway(['serve', '--config', configFile, ...workersOption(workers)], { cpu })
  const exited = once(child, 'exit')
  const until = performance.now() + PATIENCE_MS
  while (!(await answers(readyUrl))) {
    if (child.exitCode !== null || performance.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`the gateway did not start: ${reasonIn(said())}`)
    }
    await setTimeout(POLL_MS)
  }
  return {
    pids: () => withChildren(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The line that names an error, or the last one: a stack says nothing to whoever measures. */
export function reasonIn(said: string): string {
  const lines = said.split('\n').filter(line => line.trim() !== '')
  return lines.find(line => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing'
}

/** Its log is read, as in production; only the beginning is kept. */
export function spawnGateway(
  args: readonly string[],
  { cpu, env = {} }: { readonly cpu: number | null; readonly env?: NodeJS.ProcessEnv },
): { readonly child: ChildProcess; readonly said: () => string } {
  const pinned = ['taskset', '--cpu-list', cpu === null ? ALL_CPUS : String(cpu)]
  const [command = '', ...rest] = [...pinned, process.execPath, GATEWAY_BIN, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (text.length < MOST_SAID) text += chunk.toString()
  })
  return { child, said: () => text }
}

const MOST_SAID = 20_000
/** What taskset knows as every core: those that are not there count for nothing. */
const ALL_CPUS = '0-1023'

const workersOption = (workers: number | undefined): readonly string[] =>
  workers === undefined ? [] : ['--workers', String(workers)]

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function withChildren(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
  return [pid, ...children.flatMap(withChildren)]
}
