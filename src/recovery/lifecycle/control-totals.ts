import { isWithin } from '../../model/decimal.ts'
import type { Attestation, AttestedTotals } from '../system-state.ts'
import type { MeasuredTotals } from './observation.ts'

/** Compares what a system adds up to with what was attested of it. Called by the guards and by who measures on a schedule. */

/** Most differences that are told apart, and most characters of each: all together fit in the reason of a closing. */
const MOST_DIFFERENCES = 8
const MOST_CHARACTERS = 230

/** Differences beyond their tolerance, in words, the first eight of them; empty: all attested totals are met. */
export function driftOf(
  attestations: readonly Pick<Attestation, 'totals'>[],
  measured: Readonly<Record<string, MeasuredTotals>>,
): readonly string[] {
  const found = attestations.flatMap(({ totals }) =>
    Object.entries(totals).flatMap(([relation, attested]) =>
      differencesOf(relation, attested, own(measured, relation)),
    ),
  )
  const differences = [...new Set(found)]
  const more = differences.length - MOST_DIFFERENCES
  const told = differences.slice(0, MOST_DIFFERENCES).map(cut)
  return more > 0 ? [...told, `and ${more} more`] : told
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
    ...Object.entries(sums).map(([column, sum]) => [`sum of ${column}`, sum, own(measured.sums, column)] as const),
  ].flatMap(([measure, expected, actual]) => {
    if (actual === undefined) return [`${relation}: ${measure} could not be measured`]
    return isWithin(actual, expected, tolerance) ? [] : [`${relation}: ${measure} is ${actual}, attested ${expected}`]
  })
}

/** Names come from statements: one of `Object.prototype` is a name like any other. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function cut(difference: string): string {
  return difference.length > MOST_CHARACTERS ? `${difference.slice(0, MOST_CHARACTERS - 3)}...` : difference
}
