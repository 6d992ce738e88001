import type { Command } from './command.ts'

/** Commands that begin with the same noun, such as `system open`. Each verb has its own course, usage and help. */

export interface CommandEntry {
  /** Its name and arguments. */
  readonly form: string
  readonly does: string
  readonly run: Command
}

/** By the word that chooses the command. */
export type CommandEntries = ReadonlyMap<string, CommandEntry>

/** The command `noun`, whose first argument chooses among the verbs. */
export function createCommandGroup(noun: string, verbs: CommandEntries): Command {
  const usage = `usage: recovery-gateway ${noun} VERB [OPTION…]\n\n${listEntries([...verbs.values()])}\n\nEach has --help.\n`
  return async ([verb, ...rest], io) => {
    if (verb === 'help' || verb === '--help' || verb === '-h') {
      io.stdout(usage)
      return 0
    }
    const entry = verbs.get(verb ?? '')
    if (entry) return entry.run(rest, io)
    const problem = verb === undefined ? `${noun} needs a verb` : `${noun} has no verb ${JSON.stringify(verb)}`
    io.stderr(`${problem}; it has: ${[...verbs.keys()].join(', ')}\nSee: recovery-gateway ${noun} --help\n`)
    return 2
  }
}

/** One line each: the form, and what it does. `width`: that of the longest form in a list of several parts. */
export function listEntries(entries: readonly CommandEntry[], width = widthOfForms(entries)): string {
  return entries.map(({ form, does }) => `  ${form.padEnd(width)}  ${does}`).join('\n')
}

export function widthOfForms(entries: readonly CommandEntry[]): number {
  return Math.max(...entries.map(({ form }) => form.length))
}
