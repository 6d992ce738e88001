import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../src/commands/command-line.ts'
import { createRecordedIo } from './recorded-io.ts'

/**
 * `docs/your-first-relation.md` as a script: its fenced blocks in order. A block of `sh` is run, one that names a file is
 * that file, `diff` changes the file before it for the check that follows, and `text` or `json` is what must come out.
 */

const root = fileURLToPath(new URL('../../', import.meta.url))

export const page = await readFile(join(root, 'docs/your-first-relation.md'), 'utf8')

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Terminal {
  /** Runs a block; what it exports stays for the blocks after it. */
  run(script: string): Promise<Output>
  /** The one command of a block, in this process: once more what the shell has run already. */
  again(script: string): Promise<Output>
  /** Starts a block that stays running, until it has logged that it is ready. */
  start(script: string): Promise<Running>
  write(file: string, text: string): Promise<void>
}

export interface Running {
  /** URL of the listener for partners. */
  readonly partners: string
  stop(): Promise<void>
}

/** A shell in which `npx recovery-gateway` is that of this checkout, with the page's directory as its own. */
export function createTerminal(directory: string): Terminal {
  const exported: Record<string, string> = {}
  const bin = join(root, 'bin/recovery-gateway.mjs')
  const shell = (script: string, exec = '') =>
    ['-c', `set -e\nnpx() { shift; ${exec} "${process.execPath}" "${bin}" "$@"; }\n${script}`] as const
  const options = () => ({ cwd: directory, env: { ...process.env, ...exported } })
  return {
    run(script) {
      for (const [, name = '', value = ''] of script.matchAll(/^export (\w+)=(.*)$/gm)) exported[name] = value
      return new Promise(resolve => {
        execFile('bash', shell(script), options(), (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
        })
      })
    },
    async again(script) {
      const [npx, program, ...words] = script.trim().split(/\s+/)
      if (npx !== 'npx' || program !== 'recovery-gateway') throw new Error(`not one command: ${script}`)
      const io = createRecordedIo({ ...process.env, ...exported })
      const args = words.map(word => (word.includes('/') ? join(directory, word) : word))
      return { code: await runCommand(args, io), ...io.written }
    },
    async start(script) {
      const server = spawn('bash', shell(script, 'exec'), { ...options(), stdio: ['ignore', 'ignore', 'pipe'] })
      const exited = once(server, 'exit')
      const stop = async () => {
        server.kill('SIGINT')
        await exited
      }
      const logged: string[] = []
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      server.stderr.on('data', chunk => {
        logged.push(String(chunk))
        const [, partners] = /"partners":"(http:[^"]*)".*"ready"/.exec(logged.join('')) ?? []
        if (partners !== undefined) resolve(partners)
      })
      exited.then(() => reject(new Error(`it has ended: ${logged.join('')}`)))
      return { partners: await promise, stop }
    },
    async write(file, text) {
      await mkdir(dirname(join(directory, file)), { recursive: true })
      await writeFile(join(directory, file), text)
    },
  }
}

/** The text with each line that begins with a minus replaced by the one under it, which begins with a plus. */
export function patched(text: string, diff: string): string {
  const lines = diff.trimEnd().split('\n')
  const [before = '', after = ''] = ['-', '+'].map(sign =>
    lines.flatMap(line => (line.startsWith(sign) ? [`${line.slice(1)}\n`] : [])).join(''),
  )
  if (before === '' || !text.includes(before)) throw new Error(`the page changes what is not there: ${before}`)
  return text.replace(before, after)
}
