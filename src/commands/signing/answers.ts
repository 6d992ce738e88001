import type { ReceiptView, RefusalView, StatusView, SystemView } from '../../http/admin/api.ts'
import type { GuardResult } from '../../recovery/lifecycle/guard-result.ts'
import { systemUrn } from '../../recovery/statements/vocabulary.ts'
import type { AdminClient, Answer } from '../admin-client.ts'
import { CommandFailure, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderGuards } from '../guards-table.ts'
import { printable } from '../printable.ts'
import { answersOf, suspensionText } from '../standing.ts'
import { renderParagraph } from '../table.ts'
import { counted } from '../wording.ts'
import { renderDryRun } from './dry-run-report.ts'

/** Hands a signed statement in and shows what the gateway says to it. Called by all commands that submit one. */

export interface Handover {
  readonly admin: AdminClient
  readonly json: boolean
  readonly dryRun: boolean
  /** Whether guards that passed are shown one by one. */
  readonly verbose: boolean
}

export function handIn(token: string, handover: Handover, io: CommandIo): Promise<Outcome> {
  return handover.dryRun ? preview(token, handover, io) : submit(token, handover, io)
}

async function submit(token: string, { admin, json, verbose }: Handover, io: CommandIo): Promise<Outcome> {
  const before = json ? null : await admin.status().catch(() => null)
  const answer = await answerTo(token, admin)
  if (answer.kind === 'refused') {
    if (json) io.stdout(`${JSON.stringify(answer.refusal)}\n`)
    else io.stderr(`Refused: ${refusalText(answer.refusal, io.columns)}`)
    return 'refused'
  }
  if (json) io.stdout(`${JSON.stringify(answer.receipt)}\n`)
  else {
    io.stdout(receiptText(answer.receipt, verbose, io.columns))
    io.stdout(inForceText(before, await admin.status().catch(() => null), subjectOf(token), io.columns))
  }
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

async function preview(token: string, { admin, json, verbose }: Handover, io: CommandIo): Promise<Outcome> {
  const view = await admin.preview(token)
  const { refusal, guards } = view
  if (json) io.stdout(`${JSON.stringify(view)}\n`)
  else if (refusal !== null) io.stdout(`Dry run: would be refused: ${refusalText({ ...refusal, guards }, io.columns)}`)
  else
    io.stdout(
      `Dry run: would be accepted; nothing has changed.\n${guardsText(guards, verbose, io.columns)}\n${renderDryRun(view, io.columns)}`,
    )
  return refusal === null ? 'done' : 'refused'
}

function receiptText({ sequence, recordedAt, id, kind, guards }: ReceiptView, verbose: boolean, width?: number) {
  const receipt = printable(`Accepted: ${kind} ${id} is entry ${sequence} of the journal, recorded at ${recordedAt}.`)
  return `${receipt}\n${guardsText(guards, verbose, width)}`
}

/** Guards that let a statement through: all of them have passed. */
function guardsText(guards: readonly GuardResult[], verbose: boolean, width?: number): string {
  if (guards.length === 0) return ''
  return verbose ? `\n${renderGuards(guards, width)}\n` : `${counted(guards.length, 'guard')} passed.\n`
}

/** The guards say in their own rows what a message about them would say. */
function refusalText({ code, message, guards }: RefusalView, width?: number): string {
  return guards.length > 0 ? `${code}\n\n${renderGuards(guards, width)}` : printable(`${code}: ${message}\n`)
}

/** The system that the statement is about, and every system whose lifecycle changed meanwhile. */
function inForceText(before: StatusView | null, after: StatusView | null, subject: unknown, width?: number): string {
  if (after === null) return 'What is in force now could not be asked: recovery-gateway status\n'
  const lifecycles = new Map(before?.systems.map(({ key, lifecycle }) => [key, lifecycle]))
  const lines = after.systems.flatMap(system => {
    const was = lifecycles.get(system.key) ?? system.lifecycle
    return was !== system.lifecycle || subject === systemUrn(system.key) ? [systemText(system, was, width)] : []
  })
  return lines.length > 0 ? `In force now:\n\n${lines.join('')}` : ''
}

function systemText(system: SystemView, was: SystemView['lifecycle'], width?: number): string {
  const { name, lifecycle } = system
  const step = was === lifecycle ? lifecycle : `${was} → ${lifecycle}`
  return [`${name}: ${step}, answers ${answersOf(system)}.`, suspensionText(system)]
    .map(text => (text === null ? '' : renderParagraph(text, width)))
    .join('')
}

/** Of a token that the gateway has accepted. */
function subjectOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub
}
