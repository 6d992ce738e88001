import type { Command } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { runConfigSchema } from './config-schema.ts'
import { runGenerate } from './generate.ts'
import { runServe } from './serve.ts'
import { runToken } from './token.ts'

/** The command line: one command per file, and this list of them. Called by `main.ts`. */
interface Entry {
  /** Its name and arguments. */
  readonly form: string
  readonly does: string
  readonly run: Command
}

const COMMANDS = new Map<string, Entry>([
  ['serve', { form: 'serve [--config FILE] [--fresh]', does: 'serve partners; the default', run: runServe }],
  [
    'token',
    {
      form: 'token retailer|supplier|internal',
      does: 'print a bearer token of a sample partner of the embedded default',
      run: runToken,
    },
  ],
  ['generate', { form: 'generate --out DIR | --demo', does: 'write generated data as extracts', run: runGenerate }],
  [
    'config-schema',
    {
      form: 'config-schema [--output FILE]',
      does: "write the configuration's JSON Schema for editors",
      run: runConfigSchema,
    },
  ],
])

/** Returns the exit code: 0 done, 1 failed, 2 bad usage. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [first = 'serve', ...rest] = args
  if (first === 'help' || first === '--help' || first === '-h') {
    io.stdout(usage())
    return 0
  }
  if (first.startsWith('-')) return runServe(args, io)
  const command = COMMANDS.get(first)
  if (command) return command.run(rest, io)
  io.stderr(`there is no command ${JSON.stringify(first)}\n\n${usage()}`)
  return 2
}

function usage(): string {
  const commands = [...COMMANDS.values()]
  const width = Math.max(...commands.map(({ form }) => form.length))
  const lines = commands.map(({ form, does }) => `  ${form.padEnd(width)}  ${does}`)
  return `usage: recovery-gateway [COMMAND] [OPTION…]\n\n${lines.join('\n')}\n\nEach command has --help.\n`
}
