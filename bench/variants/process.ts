import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A server as a process of its own, pinned to a core where one is named. Called by the launchers of the variants. */
export interface ServerProcess {
  /** The process and all that it has started. */
  pids(): readonly number[]
  stop(): Promise<void>
}

export interface ServerCommand {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly cpu: number | null
  /** Answers as soon as the server does, whatever it answers. */
  readonly url: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

const READY_WITHIN_MS = 60_000
const STOPPED_WITHIN_MS = 10_000
/** Of its log, for a message. */
const KEPT_CHARACTERS = 4_000

/** Throws an `Error` with the end of what the server said where it does not come to answer. */
export async function startServer({ name, command, cpu, url, env, cwd }: ServerCommand): Promise<ServerProcess> {
  const [file, ...args] = cpu === null ? command : (['taskset', '-c', String(cpu), ...command] as const)
  // To a file, as in production: through a pipe, whoever measures would have to read it meanwhile.
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-log-'))
  const log = await open(join(directory, 'log'), 'w')
  const options: SpawnOptions = {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    ...(cwd !== undefined && { cwd }),
  }
  const child = spawn(file, args, options)
  const said = async () => (await readFile(join(directory, 'log'), 'utf8')).slice(-KEPT_CHARACTERS)
  const ended = once(child, 'exit')
  // A command that is not there is an event beside the exit that never comes.
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  failed.catch(() => {})
  const isRunning = () => child.exitCode === null && child.signalCode === null

  const end = async () => {
    if (!isRunning()) return
    child.kill('SIGTERM')
    const inTime = await Promise.race([ended, setTimeout(STOPPED_WITHIN_MS, null, { ref: false })])
    if (inTime !== null) return
    child.kill('SIGKILL')
    await ended
  }
  const stop = async () => {
    if (child.pid !== undefined) await end()
    await log.close()
    await rm(directory, { recursive: true, force: true })
  }
  const untilAnswering = async () => {
    const until = Date.now() + READY_WITHIN_MS
    while (Date.now() < until) {
      if (!isRunning()) throw new Error(`${name} ended before it answered:\n${await said()}`)
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
      await answer?.body?.cancel()
      if (answer) return
      await setTimeout(50)
    }
    throw new Error(`${name} did not answer within ${READY_WITHIN_MS / 1_000} s:\n${await said()}`)
  }
  try {
    await Promise.race([untilAnswering(), failed])
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return { pids: () => (child.pid === undefined ? [] : treeOf(child.pid)), stop }
}

function treeOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    return [pid, ...children.flatMap(child => treeOf(Number(child)))]
  } catch {
    return []
  }
}
