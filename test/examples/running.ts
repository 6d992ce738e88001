import { spawn } from 'node:child_process'
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

/** `file` is a path from the top; it is run by `python3`, by `bash`, or by this Node.js. */
export function runExample(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ExampleRun> {
  return run(PROGRAMS[extname(file)] ?? process.execPath, [file, ...args], environment)
}

/** A few lines of Python beside the examples, so that they import what is there. */
export function runPython(code: string, ...args: readonly string[]): Promise<ExampleRun> {
  return run('python3', ['-c', code, ...args], { PYTHONPATH: 'examples/python' })
}

async function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ExampleRun> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  const [code, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
