import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/**
 * One shell in which the commands of a page are run one after the other, as a reader types them: what one of them sets, the
 * next ones find.
 */
export interface PageShell {
  run(script: string): Promise<PageOutput>
  close(): Promise<void>
}

export interface PageOutput {
  /** Commands that ended with another code than 0, as they were typed; of a pipeline, its last. */
  readonly failed: readonly string[]
  readonly stdout: string
  readonly stderr: string
}

/** Reads names of files on descriptor 3, runs each, and says on 4 what has failed, a line for each, and an empty one. */
const LOOP = `
set -o pipefail
while IFS= read -r file <&3; do
  failed=()
  . "$file" </dev/null 3<&- 4>&- >"$file.out" 2>"$file.err"
  for command in "\${failed[@]}"; do printf '%s\\n' "\${command@Q}"; done >&4
  echo >&4
done
`
/** As it is installed. */
const COMMAND = '#!/bin/sh\nexec node bin/recovery-gateway.mjs "$@"\n'
const WATCHED = (script: string) => `trap 'failed+=("$BASH_COMMAND")' ERR\n${script}\ntrap - ERR\n`

export async function openPageShell(
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PageShell> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-page-'))
  await writeFile(join(directory, 'recovery-gateway'), COMMAND, { mode: 0o755 })
  const shell = spawn('bash', ['-c', LOOP], {
    cwd,
    env: { ...environment, PATH: `${directory}:${environment.PATH}` },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  })
  const asked = shell.stdio[3] as Writable
  const ended = createInterface({ input: shell.stdio[4] as Readable })[Symbol.asyncIterator]()
  const exited = once(shell, 'exit')
  let count = 0
  return {
    async run(script) {
      const file = join(directory, String(++count))
      await writeFile(file, WATCHED(script))
      asked.write(`${file}\n`)
      const failed: string[] = []
      for (;;) {
        const { value, done } = await ended.next()
        if (done) throw new Error(`the shell has ended in: ${script}`)
        if (value === '') break
        failed.push(value)
      }
      const [stdout, stderr] = await Promise.all([readFile(`${file}.out`, 'utf8'), readFile(`${file}.err`, 'utf8')])
      return { failed, stdout, stderr }
    },
    async close() {
      asked.end()
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}
