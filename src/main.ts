import { runCommand } from './commands/command-line.ts'

/**
 * The process: hands its arguments to the command line and turns what comes back into an exit code. Everything else
 * that a process has (signals, streams, environment) is passed on, so that commands can be run in tests.
 */
const code = await runCommand(process.argv.slice(2), {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
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
})
process.exitCode = code
