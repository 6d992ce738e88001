import type { SystemKey } from '../model/system.ts'
import type { ComponentStatus } from '../recovery/reading/component-status.ts'
import { type Page, pageId } from './page.ts'
import type { PublicState } from './public-state.ts'

/** The restored systems as Statuspage's components. Called by `statuspage.ts` and by what names components. */
export interface Component {
  readonly id: string
  readonly name: string
  readonly status: Lowercase<ComponentStatus>
  /** When it has come into this state. */
  readonly created_at: string
  readonly updated_at: string
  /** From 1. */
  readonly position: number
  readonly description: string
  readonly showcase: boolean
  /** No day is said from which its uptime counts. */
  readonly start_date: null
  readonly group_id: null
  readonly page_id: string
  readonly group: boolean
  readonly only_show_if_degraded: boolean
}

const HOLDS: Readonly<Record<SystemKey, string>> = {
  PARTS_LOGISTICS: 'Parts, stock, availability, parts orders and deliveries.',
  WHOLESALE_FINANCE: 'Supplier invoices and payments; vehicle wholesales and their funding.',
  PRODUCTION_SCHEDULE: 'Production lines and their schedule, material demand, vehicle builds.',
}

export function componentsOf({ systems }: PublicState, page: Page): readonly Component[] {
  return systems.map(({ key, name, componentStatus, since, knownLimitations, workaround }, index) => ({
    id: componentId(page, key),
    name,
    status: componentStatus.toLowerCase() as Lowercase<ComponentStatus>,
    created_at: since,
    updated_at: since,
    position: index + 1,
    description: [HOLDS[key], ...knownLimitations, ...(workaround === null ? [] : [workaround])].join(' '),
    showcase: true,
    start_date: null,
    group_id: null,
    page_id: pageId(page, 'page'),
    group: false,
    only_show_if_degraded: false,
  }))
}

/** It answers nobody: also where it is being reopened, which for those who wait for it is no better. */
export function isClosed(status: Component['status']): boolean {
  return status === 'major_outage' || status === 'under_maintenance'
}

export function componentId(page: Page, key: SystemKey): string {
  return pageId(page, 'component', key)
}
