import { readCheckpoint } from '../../recovery/journal/checkpoint.ts'
import { readLastCheckpoint } from '../../recovery/journal/checkpoint-file.ts'
import { type VerifyReport, verifyJournal } from '../../recovery/journal/verify.ts'
import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from '../arguments.ts'
import { CommandFailure, createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { assertReadable } from '../input.ts'
import { pinnedKeysOf, readPinnedKeys, recoveryOf } from '../signing/pinned-keys.ts'
import { renderTable } from '../table.ts'
import { counted } from '../wording.ts'
import { readExport } from './export-file.ts'

/** `journal verify`: whether the journal is what the gateway wrote, from public keys and the last checkpoint alone. */

const USAGE = `usage: recovery-gateway journal verify [--file EXPORT] [--checkpoint FILE] [--keys FILE] [OPTION…]

Believes neither the database nor the gateway.
The exit code is 1 where an entry was changed, swapped, made up or cut off, 3 where it cannot be looked at.

  --file EXPORT            an export of the journal; without it, what the admin listener gives
  --checkpoint FILE        checkpoints that were kept apart from the journal, the newest last
  --keys FILE              the pinned keys
  --config FILE            the configuration that names both files where they are not given;
                           without it the embedded default, unless --keys is given
${ADMIN_USAGE}`

interface Request {
  readonly file: string | undefined
  readonly checkpoint: string | undefined
  readonly keys: string | undefined
  readonly config: string | undefined
  readonly admin: string | undefined
  readonly json: boolean
}

export const runVerify = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: verify })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, {
    file: { type: 'string' },
    checkpoint: { type: 'string' },
    keys: { type: 'string' },
    config: { type: 'string' },
    ...ADMIN,
  })
  if (read === 'help') return read
  const { file, checkpoint, keys, config, admin, json } = read.values
  return { file, checkpoint, keys, config, admin, json }
}

async function verify(request: Request, io: CommandIo): Promise<Outcome> {
  const { file, json } = request
  const standard = await standardOf(request, io)
  const rows = file === undefined ? createAdminClient(request.admin, io).journal(0) : readExport(file)
  const report = await verifyJournal(rows, standard)
  io.stdout(json ? `${JSON.stringify(report)}\n` : reportText(report, io.columns))
  if (standard.checkpoint === null)
    io.stderr(
      'There was no checkpoint to hold it against: entries cut off its end would not be missed (--checkpoint FILE).\n',
    )
  return report.problems.length === 0 ? 'done' : 'refused'
}

/**
 * What the journal is held against. Whoever names the keys does not mean the checkpoints of a configuration that was
 * never mentioned.
 */
async function standardOf({ checkpoint: named, keys, config }: Request, io: CommandIo) {
  const settings = keys !== undefined && config === undefined ? null : await recoveryOf(config, io)
  const gatewayKeys = keys !== undefined ? await readPinnedKeys(keys, io) : settings && (await pinnedKeysOf(settings))
  if (gatewayKeys === null) throw new TypeError('neither keys nor a configuration')
  if (named !== undefined) await assertReadable(named)
  const file = named ?? settings?.checkpointsFile ?? null
  return { gatewayKeys, checkpoint: file === null ? null : await lastCheckpoint(file, named !== undefined) }
}

/** What is a checkpoint by its form; whether the gateway signed it is for the verification to say. */
async function lastCheckpoint(file: string, mustBe: boolean): Promise<string | null> {
  const token = await readLastCheckpoint(file)
  if (token === null) {
    if (mustBe) throw new CommandFailure(`${file}: has no checkpoint`)
    return null
  }
  try {
    readCheckpoint(token)
    return token
  } catch (cause) {
    throw new CommandFailure(`${file}: its last line is no checkpoint`, { cause })
  }
}

const entriesIn = (count: number): string => counted(count, 'entry', 'entries')

function reportText({ entries, head, checkpoint, problems }: VerifyReport, width?: number): string {
  const against =
    checkpoint === null ? '' : `; held against the checkpoint of ${checkpoint.at} with ${entriesIn(checkpoint.size)}`
  if (problems.length === 0) return `The journal verifies: ${entriesIn(entries)}, head ${head.hash}${against}.\n`
  const rows = problems.map(({ sequence, problem }) => [sequence === null ? '–' : String(sequence), problem])
  const table = renderTable({ columns: ['entry', 'problem'], rows }, width)
  return `The journal DOES NOT verify. The first ${entriesIn(entries)} ${entries === 1 ? 'does' : 'do'}${against}.\n\n${table}`
}
