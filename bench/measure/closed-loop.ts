import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cpuSeconds } from './process-usage.ts'

/**
 * As many requests as a server can answer: wrk keeps its connections busy, each asking again as soon as it was answered.
 * Says what a server can do at most and what a request costs it, nothing about waiting times at a given load.
 */
export interface ClosedLoopOptions {
  readonly url: string
  /** Processes of the server, whose processor time counts. */
  readonly pids: readonly number[]
  /** Token and body with a tab between them, a request a line. */
  readonly requestsFile: string
  /** What makes requests of that file, and what it is told besides; left out: it sends them in turn. */
  readonly script?: { readonly file: string; readonly args: readonly string[] }
  /** At most: a script may have an end. */
  readonly seconds: number
  /** Default 32. */
  readonly connections?: number
}

export interface ClosedLoop {
  readonly requestsPerSecond: number
  /** What a request costs the server: the figure that holds where the load generator or the database is the bottleneck. */
  readonly cpuMicrosecondsPerRequest: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requests: number
  /** Statuses above 399. */
  readonly refused: number
  /** Connections that failed or timed out. */
  readonly broken: number
}

const IN_TURN = { file: fileURLToPath(new URL('closed-loop.lua', import.meta.url)), args: [] }
const run = promisify(execFile)

/** @throws Error where more than a hundredth of the requests failed: such a run measures nothing */
export async function runClosedLoop(options: ClosedLoopOptions): Promise<ClosedLoop> {
  const { url, pids, requestsFile, script = IN_TURN, seconds, connections = 32 } = options
  const before = cpuSeconds(pids)
  const startedMs = performance.now()
  const { stdout } = await run('wrk', [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', '10s'],
    ...['--script', script.file, url, '--', requestsFile, ...script.args],
  ])
  const used = cpuSeconds(pids) - before
  const tookMs = performance.now() - startedMs
  const { requests, durationMs, p50Ms, p99Ms, refused, broken } = parseFigures(stdout)
  if (requests === 0) throw new Error(`no request was answered in ${seconds} s`)
  if ((refused + broken) * 100 > requests)
    throw new Error(`${refused} refused and ${broken} broken of ${requests} requests`)
  return {
    requestsPerSecond: (requests * 1_000) / (durationMs ?? tookMs),
    cpuMicrosecondsPerRequest: (used * 1_000_000) / requests,
    ...{ p50Ms, p99Ms, requests, refused, broken },
  }
}

interface Figures {
  readonly requests: number
  /** Null: the script has ended it, and cannot tell. */
  readonly durationMs: number | null
  readonly p50Ms: number
  readonly p99Ms: number
  readonly refused: number
  readonly broken: number
}

function parseFigures(stdout: string): Figures {
  const line = stdout.split('\n').find(candidate => candidate.startsWith('{"requests":'))
  if (line === undefined) throw new Error(`wrk gave no figures: ${stdout.slice(-200)}`)
  return JSON.parse(line)
}
