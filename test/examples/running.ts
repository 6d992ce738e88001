import { type ChildProcess, spawn } from 'node:child_process'
import { extname } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** Runs an example as its page does. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAMS: Readonly<Record<string, string | undefined>> = { '.py': 'python3', '.sh': 'bash' }

export interface ExampleRun {
  /** Null: ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningExample {
  readonly process: ChildProcess
  readonly ended: Promise<ExampleRun>
}

/** `file` is a path from the top; it is run by `python3`, by `bash`, or by this Node.js. */
export function startExample(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): RunningExample {
  const child = spawn(PROGRAMS[extname(file)] ?? process.execPath, [file, ...args], {
    cwd: root,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)])
  return { process: child, ended: ended.then(([code, stdout, stderr]) => ({ code, stdout, stderr })) }
}

export function runExample(...[file, args, environment]: Parameters<typeof startExample>): Promise<ExampleRun> {
  return startExample(file, args, environment).ended
}
