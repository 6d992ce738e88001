import { isWithin } from '../../model/decimal.ts'
import type { Attestation, AttestedTotals } from '../state.ts'
import type { MeasuredTotals } from './observation.ts'

/** Compares what a system adds up to with what was attested of it. Called by the guards and by who measures on a schedule. */

/** Every difference beyond its tolerance, in words; empty: all attested totals are met. */
export function driftOf(
  attestations: readonly Pick<Attestation, 'totals'>[],
  measured: Readonly<Record<string, MeasuredTotals>>,
): readonly string[] {
  const differences = attestations.flatMap(({ totals }) =>
    Object.entries(totals).flatMap(([relation, attested]) => differencesOf(relation, attested, measured[relation])),
  )
  return [...new Set(differences)]
}

function differencesOf(
  relation: string,
  attested: AttestedTotals,
  measured: MeasuredTotals | undefined,
): readonly string[] {
  if (measured === undefined) return [`${relation} could not be measured`]
  const { rows, sums, tolerance } = attested
  return [
    ['rows', String(rows), String(measured.rows)] as const,
    ...Object.entries(sums).map(([column, sum]) => [`sum of ${column}`, sum, measured.sums[column]] as const),
  ].flatMap(([measure, expected, actual]) => {
    if (actual === undefined) return [`${relation}: ${measure} could not be measured`]
    return isWithin(actual, expected, tolerance) ? [] : [`${relation}: ${measure} is ${actual}, attested ${expected}`]
  })
}
