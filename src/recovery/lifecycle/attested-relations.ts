import type { SystemState } from '../system-state.ts'

/** The relations whose totals were ever attested for what stands in a system: what has to be measured of it. */
export function attestedRelations({ attestations }: Pick<SystemState, 'attestations'>): readonly string[] {
  return [...new Set(attestations.flatMap(({ totals }) => Object.keys(totals)))]
}
