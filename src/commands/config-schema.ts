import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { configJsonSchema } from '../config/json-schema.ts'
import { ensureError } from '../model/errors.ts'
import type { CommandIo } from './command-io.ts'

/** `config-schema [--output FILE]`: the JSON Schema of the configuration file, for editors. It reads no configuration. */

const USAGE = 'usage: config-schema [--output FILE]\n'

/** Returns the exit code: 0, 1 where the file cannot be written, 2 on bad usage. */
export async function runConfigSchema(args: readonly string[], io: CommandIo): Promise<number> {
  let output: string | undefined
  try {
    output = parseArgs({ args: [...args], options: { output: { type: 'string' } } }).values.output
  } catch (thrown) {
    io.stderr(`${ensureError(thrown).message}\n${USAGE}`)
    return 2
  }
  const text = configSchemaText()
  if (output === undefined) {
    io.stdout(text)
    return 0
  }
  try {
    await writeFile(output, text)
    return 0
  } catch (thrown) {
    io.stderr(`${output}: cannot be written: ${ensureError(thrown).message}\n`)
    return 1
  }
}

/** The published file, byte for byte. */
export function configSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}
