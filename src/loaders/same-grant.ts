import type { Grant } from '../systems/relation.ts'

/** Compares what look-ups were granted, so that those of one grant share a read. Called by the reads of a request. */

/** Whether two grants show the same rows. */
export function isSameGrant(a: Grant, b: Grant): boolean {
  const [one, other]: readonly GrantedFacts[] = [a, b]
  return one?.owner === other?.owner && isSameList(one?.sites, other?.sites) && isSameList(one?.roles, other?.roles)
}

/** What a grant of any kind may name. */
interface GrantedFacts {
  readonly owner?: string
  readonly sites?: readonly string[]
  readonly roles?: readonly string[]
}

export function isSameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === b) return true
  return a !== undefined && b !== undefined && a.length === b.length && a.every((member, at) => member === b[at])
}
