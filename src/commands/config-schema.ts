import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { configJsonSchema } from '../config/json-schema.ts'
import { ensureError } from '../model/errors.ts'
import type { CommandIo } from './command-io.ts'

/** `config-schema [--output FILE]`: the JSON Schema of the configuration file, for editors. It reads no configuration. */

const USAGE = `usage: config-schema [--output FILE]

  --output FILE  where to write it; without it, standard output
  --help         this text
`

/** Returns the exit code: 0, 1 where the file cannot be written, 2 on bad usage. */
export async function runConfigSchema(args: readonly string[], io: CommandIo): Promise<number> {
  let output: string | undefined
  try {
    const options = { output: { type: 'string' }, help: { type: 'boolean' } } as const
    const { values } = parseArgs({ args: [...args], options })
    if (values.help) {
      io.stdout(USAGE)
      return 0
    }
    output = values.output
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
