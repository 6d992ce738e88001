import { LRUCache } from 'lru-cache'
import type { Clock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { FieldDeclaration } from './declarations.ts'
import type { Plan } from './plan.ts'

/**
 * Which operations partners ask, and who asks them: what a dry run tells operators of a change before they make it.
 * Noted once a request, after its authorization; kept in this process only and bounded. Never holds variables or answers.
 */
export interface RecordedOperations {
  /** On the way of every request: constant time, and nothing is made but for an operation that is new here. */
  note(plan: Plan, viewer: Viewer): void
  /** Those asked last first. */
  list(): readonly RecordedOperation[]
}

export interface RecordedOperation {
  /** `Plan.key`. */
  readonly key: string
  /** Null: it has none. */
  readonly name: string | null
  /** The systems that it reads, at least one. */
  readonly systems: readonly SystemKey[]
  /** Its fields that require scopes. */
  readonly guarded: readonly FieldDeclaration[]
  /** BPNL of those who asked it: the first 1,000, further ones count only in `timesAsked`. */
  readonly partners: ReadonlySet<string>
  readonly timesAsked: number
  /** Milliseconds since the Unix epoch. */
  readonly lastAskedMs: number
}

export interface RecordedOperationsOptions {
  /** Most operations that are kept; those asked longest ago go first. */
  readonly max: number
  /** Most partners that are kept of each operation. Default 1,000. */
  readonly maxPartners?: number
  readonly clock: Clock
}

interface Entry extends RecordedOperation {
  readonly partners: Set<string>
  timesAsked: number
  lastAskedMs: number
}

export function createRecordedOperations(options: RecordedOperationsOptions): RecordedOperations {
  const { max, maxPartners = 1_000, clock } = options
  const entries = new LRUCache<string, Entry>({ max })

  function enter(plan: Plan): Entry {
    const entry: Entry = {
      key: plan.key,
      name: plan.operationName,
      systems: SYSTEM_KEYS.filter(key => plan.systems.has(key)),
      guarded: plan.guarded,
      partners: new Set(),
      timesAsked: 0,
      lastAskedMs: 0,
    }
    entries.set(plan.key, entry)
    return entry
  }

  return {
    note(plan, viewer) {
      // What reads no system is answered whatever the systems do.
      if (plan.systems.size === 0) return
      const entry = entries.get(plan.key) ?? enter(plan)
      entry.timesAsked += 1
      entry.lastAskedMs = clock.now()
      if (entry.partners.size < maxPartners) entry.partners.add(viewer.partner.bpnl)
    },
    list: () => [...entries.values()],
  }
}
