import type { Budget } from '../admission/budget.ts'
import type { Reads } from '../loaders/reads.ts'
import type { Site } from '../model/directory.ts'
import { partitionOf } from '../model/partition.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer, ViewerFact } from '../model/viewer.ts'
import type { Variables } from '../operations/cost.ts'
import type { Plan } from '../operations/plan.ts'
import type { Evidence } from '../recovery/reading/evidence.ts'
import type { RecoveryState } from '../recovery/state.ts'
import type { AnyRelation } from '../systems/connector.ts'
import { createFacts, type Facts } from './facts.ts'
import type { StandardCodes } from './standard-codes.ts'
import type { FollowRestart } from './subscriptions/restart-changes.ts'

/** What the gateway itself knows, the same for all viewers; nothing here reads a restored system. */
export interface Knowledge {
  readonly codes: StandardCodes
  /** The site with this BPNS; throws where the directory does not know it. */
  site(bpns: string): Site
  /** The state of the restart that the gate obeys now. */
  restart(): RecoveryState
  /** What the system's opening rests on, as of now. */
  evidence(system: SystemKey): readonly Evidence[]
  /** What happens in the restart from now on, until the reader returns or has 100 events waiting. */
  readonly restartChanges: FollowRestart
  /** The time a system's data was last seen to be as of, RFC 3339; null before its first reading. */
  lastAsOf(system: SystemKey): string | null
  /** Whether the system answers less well than it should: its last reading failed, or newer data of it cannot be used. */
  isDegraded(system: SystemKey): boolean
  /** The systems open to a viewer now. */
  openSystems(viewer: Viewer): readonly SystemKey[]
  /** What a viewer may still spend. */
  budget(viewer: Viewer): Promise<Budget>
}

/**
 * What a resolver is given. Only a field that declares `@partition` has facts, and only a field that declares `@source`
 * can read, and only of that system: any other use of either throws.
 */
export interface FieldContext {
  readonly facts: Facts
  readonly reads: Reads
  readonly knowledge: Knowledge
  /** The field's key in the field cache; null: not to be cached. */
  readonly cacheKey: string | null
}

export interface DeclaredViewer {
  readonly facts: Facts
  readonly partition: string
}

/** One request, from the protocol to the guard of each field. Resolvers never see it. */
export interface RequestContext {
  readonly requestId: string
  readonly viewer: Viewer
  /** What a field may read that declares this system as its source. */
  readonly reads: Readonly<Record<SystemKey, Reads>>
  readonly knowledge: Knowledge
  /**
   * The epoch in which the request first met each system, which is the epoch of all that it still holds: rows in its
   * loaders, and the records whose fields are still to come. The guard refuses it any other.
   */
  readonly epochs: Map<SystemKey, string>
  /** For fields that declare neither facts nor a source. */
  readonly undeclared: FieldContext
  /** The viewer under a declaration: what its resolver may see, and the same as a part of a cache key. Made once for each. */
  viewerUnder(declared: readonly ViewerFact[]): DeclaredViewer
  /** Set by the protocol before anything runs. */
  plan: Plan | null
  /** The operation's variables as its plan coerced them, defaults included; set with the plan. */
  variables: Variables
}

export const NO_READS: Reads = {
  one: refuseRead,
  many: refuseRead,
  page: refuseRead,
  all: refuseRead,
}

function refuseRead({ system, name }: AnyRelation): never {
  throw new TypeError(`a field reads ${name} and does not declare ${system} as its @source`)
}

/** Reads of one system, because a field's cache key names the epoch of no other. */
function readsOf(system: SystemKey, reads: Reads): Reads {
  const within = (relation: AnyRelation): Reads => (relation.system === system ? reads : NO_READS)
  return {
    one: (relation, ...rest) => within(relation).one(relation, ...rest),
    many: (relation, ...rest) => within(relation).many(relation, ...rest),
    page: (relation, ...rest) => within(relation).page(relation, ...rest),
    all: (relation, ...rest) => within(relation).all(relation, ...rest),
  }
}

export function createRequestContext(
  requestId: string,
  viewer: Viewer,
  reads: Reads,
  knowledge: Knowledge,
): RequestContext {
  // By the declaration itself: it is asked for at every field of every record.
  const known = new Map<readonly ViewerFact[], DeclaredViewer>()
  const viewerUnder = (declared: readonly ViewerFact[]): DeclaredViewer => {
    const made = known.get(declared) ?? {
      facts: createFacts(viewer, declared),
      partition: partitionOf(viewer, declared),
    }
    known.set(declared, made)
    return made
  }
  const undeclared: FieldContext = { facts: createFacts(viewer, []), reads: NO_READS, knowledge, cacheKey: null }
  const bySystem = Object.fromEntries(SYSTEM_KEYS.map(key => [key, readsOf(key, reads)])) as Record<SystemKey, Reads>
  return {
    requestId,
    viewer,
    reads: bySystem,
    knowledge,
    epochs: new Map(),
    undeclared,
    viewerUnder,
    plan: null,
    variables: {},
  }
}
