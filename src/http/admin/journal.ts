import { ensureError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { JournalFault } from '../../recovery/journal/journal.ts'
import { readPage } from '../../recovery/journal/reading.ts'
import { StatementRefusal } from '../../recovery/statements/refusal.ts'
import type { CheckpointView, JournalView } from './api.ts'
import type { Bound } from './bound.ts'
import type { OperatorPort } from './port.ts'

/**
 * What the admin listener gives of the journal: pages of it, bounded in rows and in bytes, and a checkpoint. Called by
 * the operators' routes; it verifies nothing, because whoever exports a journal wants it as it is.
 */
export interface JournalReads {
  page(after: number, limit: number): Promise<JournalView>
  checkpoint(): Promise<CheckpointView>
}

export interface JournalReadsOptions {
  readonly operator: Pick<OperatorPort, 'rows' | 'checkpoint'>
  readonly bound: Bound
  readonly log: Pick<Log, 'warn'>
}

/** A page ends with the row that would take it past this. */
const PAGE_BYTES = 4_194_304

export function createJournalReads({ operator, bound, log }: JournalReadsOptions): JournalReads {
  const { rows, checkpoint } = operator

  /** The store's own words stay in the log: they may name hosts and users. */
  async function read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      const cause = ensureError(thrown)
      log.warn({ error: cause }, 'the journal could not be read for an operator')
      const [code, reason] =
        cause instanceof JournalFault
          ? (['JOURNAL_NOT_VERIFIED', `the journal does not verify: ${cause.message}`] as const)
          : (['JOURNAL_OUT_OF_REACH', 'the journal cannot be read now; try again'] as const)
      throw new StatementRefusal(code, reason, { cause })
    }
  }

  return {
    page: (after, limit) => bound(() => read(() => readPage(rows, after, { limit, bytes: PAGE_BYTES }))),
    checkpoint: () => bound(() => read(async () => ({ checkpoint: await checkpoint() }))),
  }
}
