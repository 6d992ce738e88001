import type { RefusalView } from '../../http/admin-api.ts'
import type { AdminClient, Answer } from '../admin-client.ts'
import { CommandFailure, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderGuards } from '../guards-table.ts'
import { printable } from '../printable.ts'
import { renderDryRun } from './dry-run-report.ts'

/** Hands a signed statement in and shows what the gateway says to it. Called by all commands that submit one. */

export interface Handover {
  readonly admin: AdminClient
  readonly json: boolean
  readonly dryRun: boolean
}

export function handIn(token: string, handover: Handover, io: CommandIo): Promise<Outcome> {
  return handover.dryRun ? preview(token, handover, io) : submit(token, handover, io)
}

async function submit(token: string, { admin, json }: Handover, io: CommandIo): Promise<Outcome> {
  const answer = await answerTo(token, admin)
  if (answer.kind === 'refused') {
    if (json) io.stdout(`${JSON.stringify(answer.refusal)}\n`)
    else io.stderr(`Refused: ${refusalText(answer.refusal, io.columns)}`)
    return 'refused'
  }
  const { sequence, recordedAt, id, kind, guards } = answer.receipt
  const table = guards.length > 0 ? `\n\n${renderGuards(guards, io.columns)}` : '\n'
  const receipt = printable(`Accepted: ${kind} ${id} is entry ${sequence} of the journal, recorded at ${recordedAt}.`)
  io.stdout(json ? `${JSON.stringify(answer.receipt)}\n` : receipt + table)
  return 'done'
}

/** Where the call broke off, the statement may have been accepted all the same. */
async function answerTo(token: string, admin: AdminClient): Promise<Answer> {
  try {
    return await admin.submit(token)
  } catch (thrown) {
    if (!(thrown instanceof CommandFailure)) throw thrown
    throw new CommandFailure(
      `${thrown.message}\nUnless nothing listens there, look whether the statement was accepted: recovery-gateway journal list`,
      { cause: thrown },
    )
  }
}

async function preview(token: string, { admin, json }: Handover, io: CommandIo): Promise<Outcome> {
  const view = await admin.preview(token)
  const { refusal, guards } = view
  if (json) io.stdout(`${JSON.stringify(view)}\n`)
  else if (refusal !== null) io.stdout(`Dry run: would be refused: ${refusalText({ ...refusal, guards }, io.columns)}`)
  else io.stdout(`Dry run: would be accepted; nothing has changed.\n\n${renderDryRun(view, io.columns)}`)
  return refusal === null ? 'done' : 'refused'
}

/** The guards say in their own rows what a message about them would say. */
function refusalText({ code, message, guards }: RefusalView, width?: number): string {
  return guards.length > 0 ? `${code}:\n\n${renderGuards(guards, width)}` : printable(`${code}: ${message}\n`)
}
