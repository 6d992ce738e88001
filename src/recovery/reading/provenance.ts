import type { Provenance } from '../../model/provenance.ts'
import type { SystemState } from '../system-state.ts'
import { componentStatusOf } from './component-status.ts'

/** The provenance of data that a system itself gave, as of a time: what may be missing comes from the system's state. */
export function provenanceOf(system: SystemState, asOf: string): Provenance {
  return {
    system: system.key,
    asOf,
    origin: 'SYSTEM',
    reconciledThrough: system.reconciledThrough,
    gapFrom: system.gap?.from ?? null,
    gapUntil: system.gap?.until ?? null,
  }
}

/** The same as it is shown beside a system's lifecycle; null: it answers nobody, or has never been read (`asOf` null). */
export function shownProvenanceOf(system: SystemState, asOf: string | null): Provenance | null {
  if (
    asOf === null ||
    componentStatusOf(system.lifecycle, { isDegraded: false, isReopening: false }) === 'MAJOR_OUTAGE'
  )
    return null
  return provenanceOf(system, asOf)
}
