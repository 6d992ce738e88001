import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import { StatementRefusal } from '../recovery/statements/refusal.ts'
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
  readonly work: (request: R, io: CommandIo) => Promise<void> | Promise<Outcome>
}

/** `refused`: the command has done its work and shown the answer, which is no. */
export type Outcome = 'done' | 'refused'

/** Returns the exit code: 0 done, 1 failed or refused, 2 bad usage. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>

/** The command cannot be done like this; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** It could not be done. The message says why and what helps, so nobody has to look into the code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

export function createCommand<R>({ usage, parse, work }: CommandDefinition<R>): Command {
  return async (args, io) => {
    let request: R | 'help'
    try {
      request = parse(args)
    } catch (thrown) {
      return misused(ensureError(thrown))
    }
    if (request === 'help') {
      io.stdout(usage)
      return 0
    }
    try {
      return (await work(request, io)) === 'refused' ? 1 : 0
    } catch (thrown) {
      if (thrown instanceof UsageError) return misused(thrown)
      io.stderr(`recovery-gateway cannot run:\n${explain(thrown)}\n`)
      return 1
    }

    function misused({ message }: Error): number {
      io.stderr(`${message}\n\n${usage}`)
      return 2
    }
  }
}

/**
 * An operator is told what to do about a mistake in a file, and what the operating system refused with which file; of
 * anything else, the place in the code is worth more.
 */
function explain(thrown: unknown): string {
  const error = ensureError(thrown)
  if (error instanceof StatementRefusal) return `${error.code}: ${error.message}`
  const isPlain = error instanceof CommandFailure || error instanceof ConfigError || 'syscall' in error
  return isPlain ? error.message : (error.stack ?? error.message)
}
