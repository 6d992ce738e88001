import { ensureError } from '../../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { Log } from '../../observe/log.ts'
import type { Journal } from '../journal/journal.ts'
import type { Recovery } from '../recovery.ts'
import type { ClaimsInputOf, Statement } from '../statements/statement-kinds.ts'
import { systemUrn } from '../statements/vocabulary.ts'
import type { Suspension } from '../system-state.ts'
import type { Following } from './following.ts'

/**
 * Writes into the journal what the gateway has closed by itself: an entry of its own, signed with its own key, that
 * names the cause. Any instance may be the one that writes it; all of them have closed the system already.
 */
export interface ClosingRecord {
  /** Writes what is to be written; resolves when nothing is left. Rejects where the journal is out of reach. */
  settle(): Promise<void>
}

export interface ClosingRecordOptions {
  readonly recovery: Recovery
  readonly journal: Journal
  readonly following: Following
  /** Signs an automatic closing with the gateway's own key. */
  readonly sign: (claims: ClaimsInputOf<'automatic-closing'>) => Promise<Statement>
  readonly log: Pick<Log, 'warn' | 'error'>
}

/** Somebody else was first so often that it is not a coincidence. */
const MOST_ATTEMPTS = 20

export function createClosingRecord(options: ClosingRecordOptions): ClosingRecord {
  const { recovery, journal, following, sign, log } = options
  let writing: Promise<void> | null = null
  /** Reported once, and given up: it stays closed here, and nothing else waits for it. */
  const unwritable = new Set<Suspension>()

  function unrecorded(): readonly (readonly [SystemKey, Suspension])[] {
    // A journal that does not verify cannot be written to.
    if (following.health().condition === 'NOT_VERIFIED') return []
    const { systems } = recovery.current().state
    return SYSTEM_KEYS.flatMap(key => {
      const { suspension } = systems[key]
      const isWaiting = suspension !== null && !suspension.recorded && !unwritable.has(suspension)
      return isWaiting ? [[key, suspension] as const] : []
    })
  }

  async function signed(system: SystemKey, suspension: Suspension): Promise<Statement | null> {
    const { cause, reason, from, at, distrustSince } = suspension
    try {
      return await sign({
        sub: systemUrn(system),
        cause,
        reason,
        from,
        closed_at: at,
        ...(distrustSince !== null && { distrust_since: distrustSince }),
      })
    } catch (thrown) {
      unwritable.add(suspension)
      log.error(
        { system, cause, reason, error: ensureError(thrown) },
        'a closing cannot be put into words; it holds here',
      )
      return null
    }
  }

  async function write(): Promise<void> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const judgedOn = recovery.current().state.head.sequence
      const next = unrecorded()[0]
      if (next === undefined) return
      const [system, suspension] = next
      const statement = await signed(system, suspension)
      if (statement === null) continue
      const outcome = await journal.append(statement, [], judgedOn)
      await following.catchUp()
      const { cause, reason, from } = suspension
      if (outcome === 'appended')
        log.error({ system, cause, reason, from }, 'the gateway has closed a system by itself')
    }
    log.warn({}, 'an automatic closing could not be written yet; the systems stay closed and it is tried again')
  }

  return {
    settle() {
      if (unrecorded().length === 0) return Promise.resolve()
      writing ??= write()
        .catch((thrown: unknown) => {
          const error = ensureError(thrown)
          log.warn({ error }, 'an automatic closing cannot be written; the systems stay closed and it is tried again')
          throw error
        })
        .finally(() => {
          writing = null
        })
      return writing
    },
  }
}
