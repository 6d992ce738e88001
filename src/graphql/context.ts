import type { GraphQLFormattedError } from 'graphql'
import type { Budget } from '../admission/budget.ts'
import type { Reads, RequestReads } from '../loaders/reads.ts'
import type { Site } from '../model/directory.ts'
import { partitionOf } from '../model/partition.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer, ViewerFact } from '../model/viewer.ts'
import type { Variables } from '../operations/cost.ts'
import type { FieldDeclaration } from '../operations/declarations.ts'
import type { Plan } from '../operations/plan.ts'
import type { Question } from '../operations/question.ts'
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
  /** When the operation began, in milliseconds since the Unix epoch: what it reads is no older. For the field cache. */
  readonly beganAtMs: number
  /** Of all that the operation has been given of the field's system so far. For the field cache. */
  readonly lastKnown: LastKnownReads
}

/** What an operation has been given of what a system gave last, because it could not answer. */
export interface LastKnownReads {
  /** When the system gave the oldest of it, in milliseconds since the Unix epoch; null: there is none of it. */
  readonly atMs: number | null
}

export interface DeclaredViewer {
  readonly facts: Facts
  readonly partition: string
}

/** Until when all that an operation has been given is fresh. */
export interface Freshness {
  /** Milliseconds since the Unix epoch; infinite before anything was given, and 0 where something is not to be kept. */
  untilMs: number
}

/** What is told of a request on its way. */
export interface RequestObserver {
  planned(question: Question): void
  /** Of an answer with errors: these, as they are worded, and the data beside them. */
  failed(errors: readonly GraphQLFormattedError[], data: unknown): void
}

/** One request, from the protocol to the execution. Resolvers never see it. */
export interface RequestContext {
  readonly requestId: string
  readonly viewer: Viewer
  readonly reads: RequestReads
  readonly knowledge: Knowledge
  /**
   * The epoch in which the request first met each system, which is the epoch of all that it still holds: rows in its
   * loaders, and the records whose fields are still to come. The guard refuses it any other.
   */
  readonly epochs: Map<SystemKey, string>
  /** The viewer under a declaration: what its resolver may see, and the same as a part of a cache key. Made once for each. */
  viewerUnder(declared: readonly ViewerFact[]): DeclaredViewer
  /** Is told what the protocol has found out, for the request's line in the log; null: nobody asks. */
  observer: RequestObserver | null
  /** Set by the protocol before anything runs. */
  plan: Plan | null
  /** The operation's variables as its plan coerced them, defaults included; set with the plan. */
  variables: Variables
  /** Lowered by the guard as it gives: from when the oldest part of the answer was read, not from when it was made. */
  readonly freshness: Freshness
  /**
   * The systems of which the answer has what they gave last, because they could not answer, and when the oldest of it was
   * given, in milliseconds since the Unix epoch. Filled by the guard.
   */
  readonly lastKnown: Map<SystemKey, number>
}

/** One run of an operation, from the execution to the guard of each field. Resolvers never see it. */
export interface OperationContext extends Omit<RequestContext, 'plan' | 'variables' | 'observer'> {
  /** Milliseconds since the Unix epoch. */
  readonly beganAtMs: number
  /** For fields that declare neither facts nor a source. */
  readonly undeclared: FieldContext
  /** What the plan says of fields that take keys of entities: the types that each may give, by its key in the answer. */
  readonly entitiesUnder: Plan['entitiesUnder']
  /** What the guard has worked out for a field, which is the same for all records. */
  readonly prepared: Map<FieldDeclaration, PreparedField>
}

export interface PreparedField {
  /** What its resolver is given where its value is not kept. */
  readonly context: FieldContext
  /** What the keys of its values begin with, of fixed length: the field, the partition, the epoch. Empty: none is kept. */
  readonly keyPrefix: string
}

const NO_READS: Reads = {
  one: refuseRead,
  many: refuseRead,
  page: refuseRead,
  all: refuseRead,
  once() {
    throw new TypeError('a field makes something of rows and declares no @source')
  },
}

/** Of requests that read no restored system. */
export const NO_REQUEST_READS: RequestReads = { of: () => NO_READS }

function refuseRead({ system, name }: AnyRelation): never {
  throw new TypeError(`a field reads ${name} and does not declare ${system} as its @source`)
}

export function createRequestContext(
  requestId: string,
  viewer: Viewer,
  reads: RequestReads,
  knowledge: Knowledge,
): RequestContext {
  const known = new Map<string, DeclaredViewer>()
  const viewerUnder = (declared: readonly ViewerFact[]): DeclaredViewer => {
    const name = declared.join()
    let made = known.get(name)
    if (made === undefined) {
      made = declaredViewer(viewer, declared)
      known.set(name, made)
    }
    return made
  }
  return {
    requestId,
    viewer,
    reads,
    knowledge,
    epochs: new Map(),
    viewerUnder,
    observer: null,
    plan: null,
    variables: {},
    freshness: { untilMs: Infinity },
    lastKnown: new Map(),
  }
}

function declaredViewer(viewer: Viewer, declared: readonly ViewerFact[]): DeclaredViewer {
  let partition: string | undefined
  return {
    facts: createFacts(viewer, declared),
    get partition() {
      partition ??= partitionOf(viewer, declared)
      return partition
    },
  }
}

const NO_FACTS: readonly ViewerFact[] = []

/** For one run of the request's operation: nothing of it outlives the run but what it says of freshness. */
export function createOperationContext(request: RequestContext, beganAtMs: number): OperationContext {
  const { requestId, viewer, reads, knowledge, epochs, viewerUnder, freshness, lastKnown } = request
  const { facts } = viewerUnder(NO_FACTS)
  const undeclared = { facts, reads: NO_READS, knowledge, cacheKey: null, beganAtMs, lastKnown: NOTHING_LAST_KNOWN }
  const entitiesUnder = request.plan?.entitiesUnder ?? NO_ENTITIES
  const own = { beganAtMs, undeclared, entitiesUnder, prepared: new Map() }
  return { requestId, viewer, reads, knowledge, epochs, viewerUnder, freshness, lastKnown, ...own }
}

const NO_ENTITIES: Plan['entitiesUnder'] = new Map()

/** Of fields that read nothing. */
const NOTHING_LAST_KNOWN: LastKnownReads = Object.freeze({ atMs: null })
