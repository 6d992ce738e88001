import type { RESTART_PHASES } from '../model/code-lists.ts'
import { type Page, pageId } from './page.ts'
import type { PublicState, PublicUpdate } from './public-state.ts'
import { type Component, componentId, isClosed } from './statuspage-components.ts'

/** The restart as Statuspage's incidents: it is one, and its updates are those that are public. Called by `statuspage.ts`. */
export interface Incident {
  readonly id: string
  readonly name: string
  readonly status: IncidentStatus
  readonly created_at: string
  readonly updated_at: string
  readonly monitoring_at: string | null
  readonly resolved_at: string | null
  readonly impact: Impact
  readonly shortlink: string
  readonly started_at: string
  readonly page_id: string
  /** Newest first. */
  readonly incident_updates: readonly IncidentUpdate[]
  readonly components: readonly Component[]
}

export interface IncidentUpdate {
  readonly id: string
  readonly status: string
  readonly body: string
  readonly incident_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly display_at: string
  /** Null: no one component. */
  readonly affected_components: readonly AffectedComponent[] | null
  readonly deliver_notifications: false
}

export interface AffectedComponent {
  readonly code: string
  readonly name: string
  readonly old_status: Component['status']
  readonly new_status: Component['status']
}

type IncidentStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved'
type Impact = 'none' | 'minor' | 'major' | 'critical'
type Phase = (typeof RESTART_PHASES)[number]

const STATUSES: Readonly<Record<Phase, IncidentStatus>> = {
  CONTAINMENT_AND_ERADICATION: 'investigating',
  FORENSICS_AND_RESTORATION: 'identified',
  RESILIENCE_AND_RECOVERY: 'monitoring',
  RECOVERY_DECLARED_ENDED: 'resolved',
}

export const isUnresolved = ({ status }: Incident): boolean => status !== 'resolved'

/** One, or none where neither the restart nor any update is public. */
export function incidentsOf(state: PublicState, page: Page, components: readonly Component[]): readonly Incident[] {
  const { restart, updates, updatedAt } = state
  const oldest = updates.at(-1)
  const at = oldest?.publishedAt ?? updatedAt
  if ((restart === null && oldest === undefined) || at === null) return []
  const id = pageId(page, 'incident')
  const status = statusOf(restart?.phase ?? null)
  // When a phase began, as far as what is public says it.
  const firstIn = (phase: Phase) => updates.findLast(update => update.phase === phase)?.publishedAt ?? null
  return [
    {
      id,
      name: restart === null ? 'Phased restart' : `Phased restart, ${restart.incidentReference}`,
      status,
      created_at: at,
      updated_at: updatedAt ?? at,
      monitoring_at: firstIn('RESILIENCE_AND_RECOVERY'),
      resolved_at: status === 'resolved' ? (firstIn('RECOVERY_DECLARED_ENDED') ?? updatedAt) : null,
      impact: impactOf(components),
      shortlink: page.url,
      started_at: at,
      page_id: pageId(page, 'page'),
      incident_updates: updates.map(update => incidentUpdate(update, id, page, components)),
      components: components.filter(component => component.status !== 'operational'),
    },
  ]
}

/** Of a phase that is not public, no more than that it goes on. */
function statusOf(phase: Phase | null): IncidentStatus {
  return phase === null ? 'identified' : STATUSES[phase]
}

function impactOf(components: readonly Component[]): Impact {
  const has = (status: Component['status']) => components.some(component => component.status === status)
  if (components.length === 0 || components.some(({ status }) => isClosed(status))) return 'critical'
  if (has('partial_outage')) return 'major'
  return has('degraded_performance') ? 'minor' : 'none'
}

function incidentUpdate(
  { id, publishedAt, title, body, affects, phase }: PublicUpdate,
  incident: string,
  page: Page,
  components: readonly Component[],
): IncidentUpdate {
  const affected = components.filter(component => affects.some(key => componentId(page, key) === component.id))
  return {
    id: pageId(page, 'update', id),
    status: statusOf(phase),
    body: `${title}\n\n${body}`,
    incident_id: incident,
    created_at: publishedAt,
    updated_at: publishedAt,
    display_at: publishedAt,
    // What it was before is not kept: both are what it is.
    affected_components:
      affected.length === 0
        ? null
        : affected.map(({ id, name, status }) => ({ code: id, name, old_status: status, new_status: status })),
    deliver_notifications: false,
  }
}
