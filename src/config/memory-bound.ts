import { lastKnownGoodStoreOf } from './last-known-good.ts'
import type { Config } from './load-config.ts'

/**
 * Most memory that a serving process should take with its configuration: the program, and every cache at its bound. Called
 * by whoever keeps the heap near it, refuses for its sake, or measures whether it is kept. `docs/caching.md` says where the figures are from.
 */

const KIB = 1_024
const MIB = 1_048_576
/** A process that serves some thousand partners and holds no record or answer, 128 MiB of it where V8 makes new objects. */
const PROGRAM_BYTES = 320 * MIB
/** A record with its key and its place, of which there may be as many again in pages. */
const RECORD_BYTES = KIB
const KEPT_TWICE = 2
const TOKEN_BYTES = 2 * KIB
const PLAN_BYTES = 30 * KIB
const WARM_UP_QUESTION_BYTES = 16 * KIB
/** Of a process, beside its heap: the program, stacks, compiled code, buffers, what the allocator keeps. */
export const OUTSIDE_HEAP_BYTES = 180 * MIB

type Bounded = Pick<
  Config,
  | 'responseCache'
  | 'fieldCache'
  | 'identity'
  | 'documents'
  | 'warmUp'
  | 'persistedQueries'
  | 'lastKnownGood'
  | 'sharedStore'
  | 'embedded'
>

/** In bytes, of the whole process (its resident set); of each worker, where there are several. */
export function memoryBoundOf(config: Bounded): number {
  const { responseCache, fieldCache, identity, documents, warmUp, persistedQueries } = config
  const lastKnownGood = lastKnownGoodStoreOf(config)
  return (
    PROGRAM_BYTES +
    responseCache.bytes +
    responseCache.questionBytes +
    fieldCache.entries * KEPT_TWICE * RECORD_BYTES +
    identity.knownTokens * TOKEN_BYTES +
    documents.planEntries * PLAN_BYTES +
    warmUp.questions * WARM_UP_QUESTION_BYTES +
    persistedQueries.entries * documents.maxLength +
    (lastKnownGood.kind === 'memory' ? lastKnownGood.maxBytes : 0)
  )
}
