import type { CommandIo } from '../../src/commands/command-io.ts'

/** What a command writes, kept instead of shown. */
export interface RecordedIo extends CommandIo {
  readonly written: { stdout: string; stderr: string }
}

/** `rest`: what stands on standard input, and who answers questions; nothing and nobody where it is left out. */
export function createRecordedIo(
  env: CommandIo['env'] = {},
  rest: Partial<Pick<CommandIo, 'stdin' | 'ask' | 'columns'>> = {},
): RecordedIo {
  const written = { stdout: '', stderr: '' }
  return {
    written,
    env,
    stdout: text => {
      written.stdout += text
    },
    stderr: text => {
      written.stderr += text
    },
    stdin: async () => '',
    ...rest,
  }
}
