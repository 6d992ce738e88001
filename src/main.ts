import { enableCompileCache } from 'node:module'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/**
 * The process: hands its arguments to the command line and turns what comes back into an exit code. Everything else
 * that a process has (signals, streams, environment) is passed on, so that commands can be run in tests.
 */

// Kept beside the packages that it was compiled from, so whoever could change it could change these as well. Where nothing
// can be written, as in most images, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/recovery-gateway', import.meta.url)))
// From here on, because what was loaded before is compiled at every start.
const { runCommand } = await import('./commands/command-line.ts')
const { askYesOrNo } = await import('./commands/question.ts')

// Whoever reads the output may stop reading, as `head` does; the exit code stays that of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const code = await runCommand(process.argv.slice(2), {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
  stdin: () => text(process.stdin),
  // Asked on standard error, so that the output stays what the command prints.
  ...(process.stdin.isTTY && process.stderr.isTTY
    ? { ask: question => askYesOrNo(question, process.stdin, process.stderr) }
    : {}),
  ...(process.stdout.isTTY ? { columns: process.stdout.columns } : {}),
  env: process.env,
  onStop: stop => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      // The second signal ends the process at once.
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        stop()
      })
    }
  },
  onReload: reload => void process.on('SIGHUP', reload),
})
process.exitCode = code
