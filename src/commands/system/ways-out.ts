import type { SystemView } from '../../http/admin/api.ts'
import { systemSlug } from '../../model/system.ts'
import { touchesIntegrity } from '../../recovery/lifecycle/suspension.ts'
import { suspensionText } from '../standing.ts'
import { renderParagraph, renderTable } from '../table.ts'

/** Why a system is suspended, and what leads out of it. */
export function waysOut(view: SystemView, width?: number): string {
  const { key, suspension } = view
  const ways = suspension === null ? [] : waysOutOf(suspension)
  const rows = ways.map(([verb, when]) => [`system ${verb} ${systemSlug(key)}`, when])
  const why = renderParagraph(suspensionText(view) ?? `${view.name} is not suspended any more.`, width)
  return rows.length > 0 ? `${why}\n${renderTable({ columns: ['way out', 'where'], rows }, width)}` : why
}

function waysOutOf(suspension: NonNullable<SystemView['suspension']>) {
  const restore = ['restore', 'from an earlier backup, into a new environment; all is attested anew'] as const
  if (suspension.cause === 'BACKUP_NOT_BEFORE_INTRUSION') return [restore]
  const quarantine = ['quarantine', 'what was restored stands, and is checked and attested again'] as const
  return touchesIntegrity(suspension)
    ? [quarantine, restore]
    : [['open', 'to waves of partners (--wave N): the cause leaves the data out of doubt'] as const, quarantine]
}
