import { SYSTEM_NAMES } from '../model/system.ts'
import { type Page, pageId } from './page.ts'
import type { PublicReopening, PublicState } from './public-state.ts'
import { type Component, componentId } from './statuspage-components.ts'
import type { IncidentUpdate } from './statuspage-incidents.ts'

/** Planned reopenings as Statuspage's scheduled maintenances. Called by `statuspage.ts`. */
export interface Maintenance {
  readonly id: string
  readonly name: string
  readonly status: MaintenanceStatus
  readonly created_at: string
  readonly updated_at: string
  readonly monitoring_at: null
  readonly resolved_at: string | null
  readonly impact: 'maintenance'
  readonly shortlink: string
  readonly started_at: string
  readonly page_id: string
  readonly incident_updates: readonly IncidentUpdate[]
  readonly components: readonly Component[]
  readonly scheduled_for: string
  /** The begin, where no end is planned: those who read it want a time. */
  readonly scheduled_until: string
}

type MaintenanceStatus = 'scheduled' | 'in_progress' | 'verifying' | 'completed'

/** Null: it will not happen, and Statuspage has no word for that. */
const STATUSES: Readonly<Record<PublicReopening['status'], MaintenanceStatus | null>> = {
  SCHEDULED: 'scheduled',
  IN_PROGRESS: 'in_progress',
  VERIFYING: 'verifying',
  COMPLETED: 'completed',
  WITHDRAWN: null,
}

/** The soonest first; those that were withdrawn are left out. */
export function maintenancesOf(
  { plannedReopenings }: PublicState,
  page: Page,
  components: readonly Component[],
): readonly Maintenance[] {
  return plannedReopenings.flatMap(planned => {
    const status = STATUSES[planned.status]
    return status === null ? [] : [maintenanceOf(planned, status, page, components)]
  })
}

function maintenanceOf(
  { id: name, system, site, scheduledFor, scheduledUntil, conditions, recordedAt }: PublicReopening,
  status: MaintenanceStatus,
  page: Page,
  components: readonly Component[],
): Maintenance {
  const id = pageId(page, 'maintenance', name)
  const opened = system === null ? (site?.name ?? 'a site') : SYSTEM_NAMES[system]
  return {
    id,
    name: `Reopening of ${opened}`,
    status,
    created_at: recordedAt,
    updated_at: recordedAt,
    monitoring_at: null,
    resolved_at: status === 'completed' ? recordedAt : null,
    impact: 'maintenance',
    shortlink: page.url,
    started_at: scheduledFor,
    page_id: pageId(page, 'page'),
    incident_updates: [
      {
        id: pageId(page, 'maintenance-conditions', name),
        status,
        body: conditions,
        incident_id: id,
        created_at: recordedAt,
        updated_at: recordedAt,
        display_at: recordedAt,
        affected_components: null,
        deliver_notifications: false,
      },
    ],
    components: components.filter(component => system !== null && component.id === componentId(page, system)),
    scheduled_for: scheduledFor,
    scheduled_until: scheduledUntil ?? scheduledFor,
  }
}
