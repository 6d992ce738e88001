import type { CommandIo } from '../../src/commands/command-io.ts'

/** What a command writes, kept instead of shown. */
export interface RecordedIo extends CommandIo {
  readonly written: { stdout: string; stderr: string }
}

export function createRecordedIo(env: CommandIo['env'] = {}): RecordedIo {
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
  }
}
