import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs an example as its page does. */

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface ExampleRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `file` is a path from the top; it is run by `python3`, or by this Node.js. */
export function runExample(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ExampleRun> {
  const program = file.endsWith('.py') ? 'python3' : process.execPath
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment }
  return new Promise(resolve => {
    execFile(program, [file, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}
