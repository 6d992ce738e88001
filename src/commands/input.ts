import { access, constants, readFile, stat } from 'node:fs/promises'
import { parseYaml } from '../config/yaml-file.ts'
import { fileFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'
import { CommandFailure } from './command.ts'
import type { CommandIo } from './command-io.ts'

/**
 * The files that operators name: what they hand to a command, as a file or `-` for standard input, and in one wording
 * why a file cannot be read or written. Called by every command that takes a file.
 */

export interface Input {
  readonly text: string
  /** For messages: the file, or `standard input`. */
  readonly source: string
}

/** Throws `CommandFailure`. */
export async function readInput(file: string, io: Pick<CommandIo, 'stdin'>): Promise<Input> {
  if (file === '-') return { text: await io.stdin(), source: 'standard input' }
  return { text: await readFile(file, 'utf8').catch(cannotBe('read', file)), source: file }
}

/** One mapping in YAML or JSON; throws `ConfigError` where it is none. */
export async function readMapping(
  file: string,
  io: CommandIo,
): Promise<{ readonly source: string; readonly members: Readonly<Record<string, unknown>> }> {
  const { text, source } = await readInput(file, io)
  const members = parseYaml(text, source)
  if (members === null || typeof members !== 'object' || Array.isArray(members))
    throw new ConfigError([`${source}: must be a mapping, in YAML or JSON`])
  return { source, members: { ...members } }
}

/** Throws `CommandFailure`: for files that something else reads, which words it for programmers. */
export async function assertReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch(cannotBe('read', file))
  if ((await stat(file)).isDirectory()) cannotBe('read', file)({ code: 'EISDIR' })
}

/** For `catch`: what the operating system refused with a file, in words. Whatever else was thrown is thrown on. */
export function cannotBe(done: 'read' | 'written', file: string): (cause: unknown) => never {
  return cause => {
    const reason = fileFailure(done, cause)
    if (reason === null) throw cause
    throw new CommandFailure(`${file}: cannot be ${done}: ${reason}`, { cause })
  }
}
