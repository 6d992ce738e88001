import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import type { AcceptedStatement } from '../fold/accepted.ts'
import { type Journal, JournalFault } from '../journal/journal.ts'
import type { JournalHealth } from './journal-health.ts'

/**
 * Follows the journal: reads what is new when it is told that there is something, and every so often anyway. Says when
 * the journal has been out of reach for too long and when it does not verify; closing the systems is its owner's part.
 */
export interface Following {
  /** Reads everything that is new; what it gives has been handed on when it resolves. Rejects where the journal cannot be read. */
  catchUp(): Promise<void>
  /** Where a statement stands in the journal, by its id; undefined: not there. */
  find(statementId: string): Pick<AcceptedStatement, 'sequence' | 'recordedAt'> | undefined
  health(): JournalHealth
  close(): void
}

export interface FollowingOptions {
  readonly journal: Journal
  readonly pollMs: number
  readonly silenceMs: number
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly onEntries: (entries: readonly AcceptedStatement[]) => void
  /** Called again and again while the journal is out of reach beyond its bound, or does not verify. */
  readonly onTrouble: (trouble: JournalTrouble) => void
}

export interface JournalTrouble {
  readonly cause: 'JOURNAL_OUT_OF_REACH' | 'JOURNAL_NOT_VERIFIED'
  readonly reason: string
}

export function createFollowing(options: FollowingOptions): Following {
  const { journal, pollMs, silenceMs, clock, log, onEntries, onTrouble } = options
  const places = new Map<string, Pick<AcceptedStatement, 'sequence' | 'recordedAt'>>()
  let lastReadMs = clock.now()
  let hasRead = false
  /** Time awake without a read, in looks: a machine that was paused, or a clock that was put forward, is no silence. */
  let looksInVain = 0
  let fault: JournalFault | null = null
  let failure: Error | null = null
  let flight: Promise<void> | null = null
  let isClosed = false

  /** Entries are given once: a state without some of them would not be that of the journal, so nothing may rest on it. */
  function handOn(entries: readonly AcceptedStatement[]): void {
    for (const { statement, sequence, recordedAt } of entries) places.set(statement.id, { sequence, recordedAt })
    try {
      onEntries(entries)
    } catch (thrown) {
      throw new JournalFault(entries[0]?.sequence ?? 0, `it cannot be made a state of: ${ensureError(thrown).message}`)
    }
  }

  async function readOn(): Promise<void> {
    if (fault !== null) throw fault
    const startedMs = clock.now()
    try {
      const entries = await journal.catchUp()
      if (entries.length > 0) handOn(entries)
      if (failure !== null) log.info({}, 'the journal can be read again')
      failure = null
      hasRead = true
      lastReadMs = startedMs
      looksInVain = 0
    } catch (thrown) {
      const error = ensureError(thrown)
      if (error instanceof JournalFault) {
        if (fault === null) log.error({ error, sequence: error.sequence }, 'the journal does not verify')
        fault = error
      } else if (failure === null) log.warn({ error }, 'the journal cannot be read')
      failure = error
      throw error
    }
  }

  /** A call while one is under way waits for one that begins later: what it is asked for may have been missed. */
  async function catchUp(): Promise<void> {
    const before = flight
    if (before !== null) await before.catch(() => {})
    flight ??= readOn().finally(() => {
      flight = null
    })
    return flight
  }

  /** After a look that failed, or in place of one while the last has not come back. */
  function watch(): void {
    const silentMs = looksInVain * pollMs
    if (fault !== null) onTrouble({ cause: 'JOURNAL_NOT_VERIFIED', reason: fault.message })
    else if (silentMs > silenceMs) {
      const reason = `the journal could not be read for ${Math.round(silentMs / 1_000)} s; ${Math.round(silenceMs / 1_000)} s are allowed`
      onTrouble({ cause: 'JOURNAL_OUT_OF_REACH', reason })
    }
  }

  function look(): void {
    // Its failure has been noted; the next look tries again.
    if (!isClosed) catchUp().catch(watch)
  }

  const unsubscribe = journal.onAppend(look)
  const timer = setInterval(() => {
    looksInVain++
    if (flight === null) look()
    else watch()
  }, pollMs).unref()

  return {
    catchUp,
    find: id => places.get(id),
    health: () => ({
      condition: fault !== null ? 'NOT_VERIFIED' : failure !== null ? 'OUT_OF_REACH' : 'FOLLOWED',
      sequence: journal.head().sequence,
      lastReadAt: hasRead ? new Date(lastReadMs).toISOString() : null,
      problem: (fault ?? failure)?.message ?? null,
    }),
    close() {
      isClosed = true
      clearInterval(timer)
      unsubscribe()
    },
  }
}
