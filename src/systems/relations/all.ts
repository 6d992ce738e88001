import type { SystemKey } from '../../model/system.ts'
import type { AnyRelation } from '../connector.ts'
import { PARTS_LOGISTICS_RELATIONS } from './parts-logistics.ts'
import { PRODUCTION_SCHEDULE_RELATIONS } from './production-schedule.ts'
import { WHOLESALE_FINANCE_RELATIONS } from './wholesale-finance.ts'

/** Every relation of every system: what a site maps, what a connector must be able to read. */
export const RELATIONS: Readonly<Record<SystemKey, readonly AnyRelation[]>> = {
  PARTS_LOGISTICS: PARTS_LOGISTICS_RELATIONS,
  WHOLESALE_FINANCE: WHOLESALE_FINANCE_RELATIONS,
  PRODUCTION_SCHEDULE: PRODUCTION_SCHEDULE_RELATIONS,
}

/** The columns of a relation that control totals can sum; null: the system has no relation of this name. */
export function summableColumns(system: SystemKey, name: string): readonly string[] | null {
  return RELATIONS[system].find(relation => relation.name === name)?.sums ?? null
}
