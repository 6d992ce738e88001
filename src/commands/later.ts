import type { Command } from './command.ts'

/**
 * A command that is loaded when it runs: whoever closes a system in a hurry does not wait for a whole gateway to be
 * loaded. Called where commands are listed.
 */
export const later =
  (load: () => Promise<Command>): Command =>
  async (args, io) =>
    (await load())(args, io)
