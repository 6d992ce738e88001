import { runCheckpoint } from './checkpoint.ts'
import type { Command } from './command.ts'
import {
  type CommandEntries,
  type CommandEntry,
  createCommandGroup,
  listEntries,
  widthOfForms,
} from './command-group.ts'
import type { CommandIo } from './command-io.ts'
import { CONFIG_VERBS } from './config/config.ts'
import { JOURNAL_VERBS } from './journal/journal.ts'
import { KEYS_VERBS } from './keys.ts'
import { later } from './later.ts'
import { PARTNER_VERBS } from './partner.ts'
import { runReport } from './report/report.ts'
import { STATEMENT_VERBS } from './statement/statement.ts'
import { runStatus } from './status.ts'
import { SYSTEM_VERBS } from './system/system.ts'
import { UPDATE_VERBS } from './update.ts'
import { WEBHOOK_VERBS } from './webhook/webhook.ts'

/** The command line: one command per file, and this list of them. Called by `main.ts`. */

/** Whoever starts a gateway is told first that there is none. */
const runServe: Command = async (args, io) => {
  const serve = await import('./serve.ts')
  return serve.runServe(args, { ...io, failureHeading: 'recovery-gateway cannot run:\n' })
}
const runToken = later(async () => (await import('./token.ts')).runToken)
const runGenerate = later(async () => (await import('./generate.ts')).runGenerate)

const GATEWAY: CommandEntries = new Map([
  ['serve', { form: 'serve [--config FILE] [--workers N]', does: 'serve partners; the default', run: runServe }],
  [
    'token',
    { form: 'token retailer|supplier|internal', does: 'print a sample token of the embedded default', run: runToken },
  ],
  ['report', { form: 'report [FILE|DIRECTORY…]', does: 'say from access logs who read what', run: runReport }],
  ['generate', { form: 'generate --out DIR | --demo', does: 'write generated data as extracts', run: runGenerate }],
])

const RESTART: CommandEntries = new Map([
  ['status', { form: 'status', does: 'show how the restart stands', run: runStatus }],
  [
    'checkpoint',
    { form: 'checkpoint [--out FILE]', does: "print the gateway's word on the journal", run: runCheckpoint },
  ],
])

const NOUNS = new Map<string, CommandEntries>([
  ['config', CONFIG_VERBS],
  ['system', SYSTEM_VERBS],
  ['partner', PARTNER_VERBS],
  ['update', UPDATE_VERBS],
  ['webhook', WEBHOOK_VERBS],
  ['statement', STATEMENT_VERBS],
  ['keys', KEYS_VERBS],
  ['journal', JOURNAL_VERBS],
])

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...[...GATEWAY, ...RESTART].map(([name, { run }]) => [name, run] as const),
  ...[...NOUNS].map(([noun, verbs]) => [noun, createCommandGroup(noun, verbs)] as const),
])

/** As they are listed, part by part. */
const PARTS: readonly (readonly [title: string, entries: readonly CommandEntry[]])[] = [
  ['The gateway', [...GATEWAY.values(), ...CONFIG_VERBS.values()]],
  ['The restart, over the admin listener', [...RESTART.values()]],
  ['Restored systems, such as parts-logistics', [...SYSTEM_VERBS.values()]],
  ['Partners and their news', [...PARTNER_VERBS.values(), ...UPDATE_VERBS.values(), ...WEBHOOK_VERBS.values()]],
  [
    'Statements, keys and the journal',
    [...STATEMENT_VERBS.values(), ...KEYS_VERBS.values(), ...JOURNAL_VERBS.values()],
  ],
]

/** Returns the exit code: 0 done, 1 the answer is no, 2 bad usage, 3 it could not be asked or done. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [first = 'serve', ...rest] = args
  if (first === 'help' || first === '--help' || first === '-h') {
    io.stdout(usage())
    return 0
  }
  if (first.startsWith('-')) return runServe(args, io)
  const command = COMMANDS.get(first)
  if (command) return command(rest, io)
  io.stderr(
    `recovery-gateway has no command ${JSON.stringify(first)}; it has: ${[...COMMANDS.keys()].join(', ')}\nSee: recovery-gateway --help\n`,
  )
  return 2
}

function usage(): string {
  const width = widthOfForms(PARTS.flatMap(([, entries]) => entries))
  const parts = PARTS.map(([title, entries]) => `${title}:\n\n${listEntries(entries, width)}\n`)
  return `usage: recovery-gateway [COMMAND] [OPTION…]\n\n${parts.join('\n')}\nEach command has --help.\n`
}
