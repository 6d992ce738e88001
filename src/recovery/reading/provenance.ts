import type { Provenance } from '../../model/provenance.ts'
import type { SystemState } from '../system-state.ts'

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
