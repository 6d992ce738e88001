import type { StatusView } from '../http/admin/api.ts'
import { createAdminClient } from './admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from './arguments.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { printable } from './printable.ts'
import { answersOf, suspensionText } from './standing.ts'
import { renderParagraph, renderTable } from './table.ts'
import { counted, minute } from './wording.ts'

/** `status`: how the restart stands, as the gate obeys it. */

const USAGE = `usage: recovery-gateway status [OPTION…]

${ADMIN_USAGE}`

interface Request {
  readonly admin: string | undefined
  readonly json: boolean
}

export const runStatus = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: showStatus })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, ADMIN)
  return read === 'help' ? read : { admin: read.values.admin, json: read.values.json }
}

async function showStatus({ admin, json }: Request, io: CommandIo): Promise<void> {
  const status = await createAdminClient(admin, io).status()
  io.stdout(json ? `${JSON.stringify(status)}\n` : statusText(status, io.columns))
}

function statusText({ incidentReference, headline, phase, journal, intrusion, systems }: StatusView, width?: number) {
  const facts = [
    `Phase      ${phase}`,
    `Intrusion  ${intrusion === null ? 'nothing established' : intrusionText(intrusion)}`,
    `Journal    ${journalText(journal)}`,
  ]
  const columns = ['system', 'lifecycle', 'answers', 'data as of', 'evidence until', 'since']
  const rows = systems.map(system => [
    system.name,
    system.lifecycle,
    answersOf(system),
    system.failure ?? minute(system.asOf),
    minute(system.evidenceUntil),
    minute(system.since),
  ])
  return [
    `${printable(incidentReference)}\n`,
    renderParagraph(headline, width),
    `${printable(facts.join('\n'))}\n`,
    renderTable({ columns, rows }, width),
    ...systems.flatMap(system => suspensionText(system) ?? []).map(text => renderParagraph(text, width)),
    ...systems.flatMap(({ name, warning }) => (warning === null ? [] : renderParagraph(`${name}: ${warning}`, width))),
  ].join('\n')
}

function intrusionText({ revision, earliestIntrusionAt, confidence }: NonNullable<StatusView['intrusion']>): string {
  return `not before ${minute(earliestIntrusionAt)}, confidence ${confidence}, revision ${revision}`
}

function journalText({ condition, sequence, problem }: StatusView['journal']): string {
  return `${condition}, ${counted(sequence, 'entry', 'entries')}${problem === null ? '' : `: ${problem}`}`
}
