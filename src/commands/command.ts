import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { CommandIo } from './command-io.ts'

/**
 * The course that every command takes: its arguments, its help, its work, its exit code. Called by each command with
 * what is its own; it knows none of them.
 */
export interface CommandDefinition<R> {
  /** Begins with `usage: recovery-gateway …`; shown on `--help`, and after what is wrong with the arguments. */
  readonly usage: string
  /** Throws where the arguments are wrong, with a message that says what is allowed. */
  readonly parse: (args: readonly string[]) => R | 'help'
  readonly work: (request: R, io: CommandIo) => Promise<void>
}

/** Returns the exit code: 0 done, 1 failed, 2 bad usage. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>

export function createCommand<R>({ usage, parse, work }: CommandDefinition<R>): Command {
  return async (args, io) => {
    let request: R | 'help'
    try {
      request = parse(args)
    } catch (thrown) {
      io.stderr(`${ensureError(thrown).message}\n\n${usage}`)
      return 2
    }
    if (request === 'help') {
      io.stdout(usage)
      return 0
    }
    try {
      await work(request, io)
      return 0
    } catch (thrown) {
      io.stderr(`recovery-gateway cannot run:\n${explain(thrown)}\n`)
      return 1
    }
  }
}

/**
 * An operator is told what to do about a mistake in a file, and what the operating system refused with which file; of
 * anything else, the place in the code is worth more.
 */
function explain(thrown: unknown): string {
  const error = ensureError(thrown)
  return error instanceof ConfigError || 'syscall' in error ? error.message : (error.stack ?? error.message)
}
