import { readFile } from 'node:fs/promises'
import { parseYaml } from '../config/yaml-file.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { CommandIo } from './command-io.ts'

/** What operators hand to a command: a file, or `-` for standard input. Called by every command that takes one. */

export interface Input {
  readonly text: string
  /** For messages: the file, or `standard input`. */
  readonly source: string
}

export async function readInput(file: string, io: CommandIo): Promise<Input> {
  if (file === '-') return { text: await io.stdin(), source: 'standard input' }
  return { text: await readFile(file, 'utf8'), source: file }
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
