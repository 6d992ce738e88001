import { type Page, pageId } from './page.ts'
import type { PublicState } from './public-state.ts'
import { type Component, componentsOf, isClosed } from './statuspage-components.ts'
import { type Incident, incidentsOf, isUnresolved } from './statuspage-incidents.ts'
import { type Maintenance, maintenancesOf } from './statuspage-maintenances.ts'

/**
 * What is public in the JSON of Statuspage's status API, version 2, which monitoring tools and chat bots read: each of its
 * documents by its path below `/api/v2/`. Called by what serves the status. https://www.githubstatus.com/api has the shape.
 */
export type StatuspageDocuments = Readonly<Record<(typeof STATUSPAGE_NAMES)[number], object>>

export const STATUSPAGE_NAMES = [
  'summary',
  'status',
  'components',
  'incidents',
  'incidents/unresolved',
  'scheduled-maintenances',
  'scheduled-maintenances/upcoming',
  'scheduled-maintenances/active',
] as const

interface Overall {
  readonly indicator: 'none' | 'minor' | 'major' | 'critical'
  readonly description: string
}

export function statuspageDocuments(state: PublicState, page: Page): StatuspageDocuments {
  const about = {
    page: {
      id: pageId(page, 'page'),
      name: page.name,
      url: page.url,
      time_zone: 'Etc/UTC',
      updated_at: state.updatedAt,
    },
  }
  const components = componentsOf(state, page)
  const incidents = incidentsOf(state, page, components)
  const unresolved = incidents.filter(isUnresolved)
  const maintenances = maintenancesOf(state, page, components)
  const inStatus = (...statuses: readonly Maintenance['status'][]) => ({
    ...about,
    scheduled_maintenances: maintenances.filter(({ status }) => statuses.includes(status)),
  })
  const upcoming = inStatus('scheduled')
  const active = inStatus('in_progress', 'verifying')
  const status = overallOf(components, unresolved)
  return {
    summary: {
      ...about,
      components,
      incidents: unresolved,
      scheduled_maintenances: [...active.scheduled_maintenances, ...upcoming.scheduled_maintenances],
      status,
    },
    status: { ...about, status },
    components: { ...about, components },
    incidents: { ...about, incidents },
    'incidents/unresolved': { ...about, incidents: unresolved },
    'scheduled-maintenances': { ...about, scheduled_maintenances: maintenances },
    'scheduled-maintenances/upcoming': upcoming,
    'scheduled-maintenances/active': active,
  }
}

/** By the components; where they are not public, by whether a restart that is goes on. */
function overallOf(components: readonly Component[], unresolved: readonly Incident[]): Overall {
  const has = (status: Component['status']) => components.some(component => component.status === status)
  if (components.length === 0)
    return unresolved.length === 0
      ? { indicator: 'none', description: 'Nothing is published' }
      : { indicator: 'major', description: 'Restart in progress' }
  if (components.every(({ status }) => isClosed(status)))
    return { indicator: 'critical', description: 'Major System Outage' }
  if (components.some(({ status }) => isClosed(status)) || has('partial_outage'))
    return { indicator: 'major', description: 'Partial System Outage' }
  if (has('degraded_performance')) return { indicator: 'minor', description: 'Partially Degraded Service' }
  return { indicator: 'none', description: 'All Systems Operational' }
}
