import type { ExecutionResult } from 'graphql'
import { SYSTEM_KEYS, SYSTEM_NAMES, type SystemKey } from '../model/system.ts'

/**
 * What stands in an answer's `extensions.warnings`: that some of it is what a system gave last, because it could not answer.
 * Which records these are is said by their provenance.
 */
export interface Warning {
  readonly code: 'LAST_KNOWN_GOOD'
  readonly system: SystemKey
  /** RFC 3339: when the system gave the oldest of it. */
  readonly readAt: string
  readonly message: string
}

/** The answer with its warnings; as it is where there are none. In the systems' own order, whichever was read first. */
export function withWarnings(answer: ExecutionResult, lastKnown: ReadonlyMap<SystemKey, number>): ExecutionResult {
  if (lastKnown.size === 0 || answer.data == null) return answer
  const warnings = SYSTEM_KEYS.flatMap((system): readonly Warning[] => {
    const atMs = lastKnown.get(system)
    if (atMs === undefined) return []
    const message = `${SYSTEM_NAMES[system]} cannot answer now: this is what it gave last.`
    return [{ code: 'LAST_KNOWN_GOOD', system, readAt: new Date(atMs).toISOString(), message }]
  })
  return { ...answer, extensions: { ...answer.extensions, warnings } }
}
