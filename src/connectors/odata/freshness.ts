import type { ODataSettings } from '../../config/odata-schema.ts'
import type { Clock } from '../../model/clock.ts'
import { timestamp } from '../../systems/columns.ts'
import { createFreshness, type Freshness } from '../freshness.ts'
import { columnValue } from './edm.ts'
import { untrusted } from './failure.ts'
import type { Metadata } from './metadata.ts'
import { pathOf } from './requests.ts'
import { entityOf, entityPages, type ServiceReader } from './service.ts'

/**
 * The time the data is as of: the newest value of a field, or the time just before the request where the service reads its
 * own database live. Called by the connector before every read, so that no row is older than its time says.
 */
export interface ServiceFreshnessOptions extends ServiceReader {
  readonly settings: ODataSettings['freshness']
  readonly metadataOf: (service: string, signal: AbortSignal) => Promise<Metadata>
  readonly clock: Clock
}

/** Asks the service at most once a second. */
export function createServiceFreshness(options: ServiceFreshnessOptions): Freshness {
  const { settings, clock } = options
  if ('live' in settings) return async () => new Date(clock.now()).toISOString()
  const { entitySet, service = '', field } = settings

  async function newest(signal: AbortSignal): Promise<string> {
    const shape = (await options.metadataOf(service, signal)).entitySets.get(entitySet)
    if (shape?.property(field) === undefined)
      throw new Error(`freshness: the service has no field ${field} of ${entitySet}`)
    const query = { select: [field], where: null, filter: true, order: `${field} desc`, top: 1 }
    const path = pathOf(options.version, entitySet, query) ?? ''
    for await (const [row] of entityPages(options, service, path, 1, signal)) {
      const cell = row === undefined ? null : entityOf(options.system, row, [field], shape)[field]
      const asOf = timestamp().schema.safeParse(columnValue(timestamp(), cell ?? null))
      if (!asOf.success) break
      return asOf.data
    }
    throw untrusted(options.system, `freshness: ${field} of ${entitySet} has no newest value that is a time`)
  }
  return createFreshness(newest, clock)
}
