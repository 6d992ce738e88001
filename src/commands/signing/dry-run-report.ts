import type { DryRunView, ImpactOnPartner } from '../../http/admin/api.ts'
import { SYSTEM_KEYS, SYSTEM_NAMES } from '../../model/system.ts'
import { renderParagraph, renderTable } from '../table.ts'
import { counted, minute } from '../wording.ts'

/** What an accepted statement would change, for whoever is about to sign it: systems, partners, operations. */

const MOST_NAMES = 20

const CHANGES = {
  ANSWERED_TO_REFUSED: 'answered → refused',
  REFUSED_TO_ANSWERED: 'refused → answered',
} as const satisfies Record<ImpactOnPartner['change'], string>

export function renderDryRun(view: DryRunView, width?: number): string {
  return [systemsPart(view, width), partnersPart(view, width), operationsPart(view, width)].join('\n')
}

function systemsPart({ systems }: DryRunView, width?: number): string {
  if (systems.length === 0) return 'No system changes its lifecycle.\n'
  const rows = systems.map(({ key, from, to }) => [SYSTEM_NAMES[key], `${from} → ${to}`])
  return renderTable({ columns: ['system', 'lifecycle'], rows }, width)
}

function partnersPart({ partners }: DryRunView, width?: number): string {
  const parts = SYSTEM_KEYS.flatMap(key =>
    (['ANSWERED_TO_REFUSED', 'REFUSED_TO_ANSWERED'] as const).flatMap(change => {
      const concerned = partners.filter(partner => partner.system === key && partner.change === change)
      if (concerned.length === 0) return []
      const heading = `${SYSTEM_NAMES[key]}, ${CHANGES[change]}: ${counted(concerned.length, 'partner')}`
      return `${heading}\n\n${renderParagraph(namesOf(concerned), width)}`
    }),
  )
  return parts.length > 0 ? parts.join('\n') : 'No system begins or ceases to answer a partner.\n'
}

function namesOf(partners: readonly ImpactOnPartner[]): string {
  const names = partners.slice(0, MOST_NAMES).map(({ name, bpnl }) => `${name} (${bpnl})`)
  const more = partners.length - names.length
  return [...names, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function operationsPart({ operations }: DryRunView, width?: number): string {
  if (operations.length === 0) return 'No operation that was asked here since the start is concerned.\n'
  const rows = operations.map(({ name, operation, change, timesAsked, lastAskedAt, partnersInAll, systems }) => [
    name ?? operation.slice(0, 12),
    CHANGES[change],
    String(timesAsked),
    minute(lastAskedAt),
    String(partnersInAll),
    systems.map(key => SYSTEM_NAMES[key]).join(', '),
  ])
  const columns = ['operation', 'change', 'times asked', 'last asked', 'partners', 'reads']
  return renderTable({ columns, rows }, width)
}
