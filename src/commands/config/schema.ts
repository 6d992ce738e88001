import { writeFile } from 'node:fs/promises'
import { configJsonSchema } from '../../config/json-schema.ts'
import { HELP, HELP_USAGE, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { cannotBe } from '../input.ts'

/** `config schema`: the JSON Schema of the configuration file, for editors. It reads no configuration. */

const USAGE = `usage: recovery-gateway config schema [--output FILE]

  --output FILE            where to write it; without it, standard output
${HELP_USAGE}`

interface Request {
  /** Undefined: standard output. */
  readonly output: string | undefined
}

export const runConfigSchema = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: writeSchema })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { output: { type: 'string' }, ...HELP })
  return read === 'help' ? read : { output: read.values.output }
}

async function writeSchema({ output }: Request, io: CommandIo): Promise<void> {
  const text = configSchemaText()
  if (output === undefined) io.stdout(text)
  else await writeFile(output, text).catch(cannotBe('written', output))
}

/** The published file, byte for byte. */
export function configSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}
