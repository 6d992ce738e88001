import type { StatusView, SystemView } from '../http/admin-api.ts'
import { isServed } from '../recovery/lifecycle/served.ts'
import { createAdminClient } from './admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from './arguments.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { printable } from './printable.ts'
import { renderParagraph, renderTable } from './table.ts'

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
  const columns = ['system', 'lifecycle', 'answers', 'data as of', 'evidence until', 'since, by']
  const rows = systems.map(system => [
    system.name,
    system.lifecycle,
    answersOf(system),
    system.failure ?? minute(system.asOf),
    minute(system.evidenceUntil),
    `${minute(system.since)}${reasonOf(system)}`,
  ])
  const head = `${printable(incidentReference)}\n\n${renderParagraph(headline, width)}`
  return `${head}\n${printable(facts.join('\n'))}\n\n${renderTable({ columns, rows }, width)}`
}

function intrusionText({ revision, earliestIntrusionAt, confidence }: NonNullable<StatusView['intrusion']>): string {
  return `not before ${earliestIntrusionAt}, confidence ${confidence}, revision ${revision}`
}

function journalText({ condition, sequence, problem }: StatusView['journal']): string {
  return `${condition}, ${sequence} entries${problem === null ? '' : `: ${problem}`}`
}

function answersOf(system: SystemView): string {
  if (isServed(system, null)) return 'all'
  const waves = system.waves.filter(wave => isServed(system, wave))
  return waves.length > 0 ? `wave ${waves.join(', ')}` : 'nobody'
}

function reasonOf({ suspension, openedBy }: SystemView): string {
  if (suspension !== null) {
    const distrusted = suspension.distrustSince === null ? '' : `; distrusted since ${suspension.distrustSince}`
    return `, ${suspension.cause}: ${suspension.reason}${distrusted}`
  }
  return openedBy === null ? '' : `, ${openedBy.name} (${openedBy.role}), entry ${openedBy.sequence}`
}

/** `2025-10-06T08:00:00.000Z` → `2025-10-06 08:00Z` */
function minute(instant: string | null): string {
  return instant === null ? '–' : `${instant.slice(0, 16).replace('T', ' ')}Z`
}
