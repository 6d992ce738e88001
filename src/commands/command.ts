import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import { StatementRefusal } from '../recovery/statements/refusal.ts'
import type { CommandIo } from './command-io.ts'

/**
 * The course that every command takes: its arguments, its help, its work, its exit code. Called by each command with
 * what is its own; it knows none of them.
 */
export interface CommandDefinition<R> {
  /** Begins with `usage: recovery-gateway NAME`; shown on `--help`. */
  readonly usage: string
  /** Throws where the arguments are wrong, with a message that says what is allowed. */
  readonly parse: (args: readonly string[]) => R | 'help'
  readonly work: (request: R, io: CommandIo) => Promise<void> | Promise<Outcome>
}

/** `refused`: the command has done its work and shown the answer, which is no. */
export type Outcome = 'done' | 'refused'

/** Returns the exit code: 0 done, 1 the answer is no, 2 bad usage, 3 it could not be asked or done. */
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
    try {
      const request = parsed(args)
      if (request === 'help') {
        io.stdout(usage)
        return 0
      }
      return (await work(request, io)) === 'refused' ? 1 : 0
    } catch (thrown) {
      if (thrown instanceof UsageError) {
        io.stderr(`${thrown.message}\nSee: ${nameIn(usage)} --help\n`)
        return 2
      }
      io.stderr(`${io.failureHeading ?? ''}${explain(thrown)}\n`)
      return 3
    }
  }

  function parsed(args: readonly string[]): R | 'help' {
    try {
      return parse(args)
    } catch (thrown) {
      throw thrown instanceof UsageError ? thrown : new UsageError(misuseIn(ensureError(thrown)), { cause: thrown })
    }
  }
}

/** `usage: recovery-gateway system check NAME …` → `recovery-gateway system check`. */
function nameIn(usage: string): string {
  return /^usage: (recovery-gateway(?: [a-z][a-z-]*)+)(?= |\n)/.exec(usage)?.[1] ?? 'recovery-gateway'
}

/** What `util.parseArgs` says, for people who do not write it. */
function misuseIn(error: Error): string {
  const [, said = ''] = /'([^']*)'/.exec(error.message) ?? []
  // An option may be named with its short form and its value: '-h, --help', '--to <value>'.
  const option = /--[^ ]+/.exec(said)?.[0] ?? said
  switch ('code' in error ? error.code : null) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `there is no option ${option}`
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `there is no argument ${JSON.stringify(said)}`
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return error.message.includes('does not take') ? `${option} takes no value` : `${option} needs a value`
    default:
      return error.message
  }
}

/** An operator is told what to do about a mistake in a file; of anything unforeseen, the place in the code is worth more. */
export function explain(thrown: unknown): string {
  const error = ensureError(thrown)
  if (error instanceof StatementRefusal) return `${error.code}: ${error.message}`
  const isPlain = error instanceof CommandFailure || error instanceof ConfigError || 'syscall' in error
  return isPlain ? error.message : (error.stack ?? error.message)
}
