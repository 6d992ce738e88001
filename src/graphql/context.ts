import type { Reads } from '../loaders/reads.ts'
import type { Site } from '../model/directory.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer, ViewerFact } from '../model/viewer.ts'
import type { Plan } from '../operations/plan.ts'
import type { RecoveryState } from '../recovery/state.ts'
import { createFacts, type Facts } from './facts.ts'
import type { StandardCodes } from './standard-codes.ts'

/** What the gateway itself knows, the same for all viewers; nothing here reads a restored system. */
export interface Knowledge {
  readonly codes: StandardCodes
  /** The site with this BPNS; throws where the directory does not know it. */
  site(bpns: string): Site
  /** The state of the restart that the gate obeys now. */
  restart(): RecoveryState
  /** The time a system's data was last seen to be as of, RFC 3339; null before its first reading. */
  lastAsOf(system: SystemKey): string | null
  /** The systems open to a viewer now. */
  openSystems(viewer: Viewer): readonly SystemKey[]
  /** What a viewer may still spend. */
  budget(viewer: Viewer): Promise<Budget>
}

export interface Budget {
  readonly costLimit: number
  readonly costRemaining: number
  /** RFC 3339 */
  readonly resetsAt: string
}

/**
 * What a resolver is given. Only a field that declares `@partition` has facts, and only a field that declares `@source`
 * can read: for any other field the use of either throws.
 */
export interface FieldContext {
  readonly facts: Facts
  readonly reads: Reads
  readonly knowledge: Knowledge
  /** The field's key in the field cache; null: not to be cached. */
  readonly cacheKey: string | null
}

/** One request, from the protocol to the guard of each field. Resolvers never see it. */
export interface RequestContext {
  readonly requestId: string
  readonly viewer: Viewer
  readonly reads: Reads
  readonly knowledge: Knowledge
  /** For fields that declare neither facts nor a source. */
  readonly undeclared: FieldContext
  /** The viewer's facts under a declaration; made once per request and declaration. */
  factsOf(declared: readonly ViewerFact[]): Facts
  /** Set by the protocol before anything runs. */
  plan: Plan | null
}

export const NO_READS: Reads = {
  one: relation => refuseRead(relation.name),
  many: relation => refuseRead(relation.name),
  page: relation => refuseRead(relation.name),
}

function refuseRead(relation: string): never {
  throw new TypeError(`a field reads ${relation} and declares no @source`)
}

export function createRequestContext(
  requestId: string,
  viewer: Viewer,
  reads: Reads,
  knowledge: Knowledge,
): RequestContext {
  const known = new Map<string, Facts>()
  const factsOf = (declared: readonly ViewerFact[]): Facts => {
    const name = declared.join()
    const facts = known.get(name) ?? createFacts(viewer, declared)
    known.set(name, facts)
    return facts
  }
  const undeclared: FieldContext = { facts: factsOf([]), reads: NO_READS, knowledge, cacheKey: null }
  return { requestId, viewer, reads, knowledge, undeclared, factsOf, plan: null }
}
