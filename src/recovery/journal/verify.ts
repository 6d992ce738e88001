import { ensureError } from '../../model/errors.ts'
import type { JournalHead } from '../state.ts'
import type { KeyRing } from '../statements/key-ring.ts'
import { signatureHolds } from '../statements/read.ts'
import { createChain } from './chain.ts'
import { type Checkpoint, verifyCheckpoint } from './checkpoint.ts'
import { acceptedOf } from './entry.ts'
import type { JournalRow } from './store.ts'

/**
 * Verifies a journal offline, from its rows, the public keys and the last checkpoint alone: nothing that the database or
 * its owner says is believed. Called by the command line and by whoever audits a restart.
 */
export interface VerifyOptions {
  /** The pinned keys: the gateway's for seals and checkpoints, and those of the signatories for their statements. */
  readonly gatewayKeys: KeyRing
  /** Kept outside the database; null: a cut of the journal's end cannot be seen. */
  readonly checkpoint: string | null
}

export interface VerifyReport {
  /** Entries that verify, from the first on; what stands behind a problem is not looked at. */
  readonly entries: number
  /** The last of them. */
  readonly head: JournalHead
  /** The checkpoint that the journal was held against; null: there was none that could be used. */
  readonly checkpoint: { readonly size: number; readonly at: string } | null
  /** Empty: the journal is what the gateway wrote. `sequence` null: not the fault of an entry. */
  readonly problems: readonly VerifyProblem[]
}

export interface VerifyProblem {
  readonly sequence: number | null
  readonly problem: string
}

/** Statements whose signatures are verified at the same time. */
const BATCH = 256

/** Rejects only where the rows cannot be read. */
export async function verifyJournal(rows: AsyncIterable<JournalRow>, options: VerifyOptions): Promise<VerifyReport> {
  const { gatewayKeys: keys } = options
  const { checkpoint, problems } = await useCheckpoint(options)
  const chain = createChain({ keys, checkpoint })
  let verified = chain.head()
  let batch: { readonly head: JournalHead; readonly problem: Promise<string | null> }[] = []

  /** The first entry of the batch that is not by who it says it is by; null: none. */
  async function settle(): Promise<VerifyProblem | null> {
    for (const { head, problem } of batch) {
      const found = await problem
      if (found !== null) return { sequence: head.sequence, problem: found }
      verified = head
    }
    batch = []
    return null
  }

  async function firstProblem(): Promise<VerifyProblem | null> {
    for await (const row of rows) {
      const sequence = chain.head().sequence + 1
      const problem = chain.follow(row)
      if (problem !== null) return (await settle()) ?? { sequence, problem }
      batch.push({ head: chain.head(), problem: statementProblem(row, keys) })
      const found = batch.length < BATCH ? null : await settle()
      if (found !== null) return found
    }
    const found = await settle()
    const shortfall = chain.shortfall()
    return found ?? (shortfall === null ? null : { sequence: chain.head().sequence + 1, problem: shortfall })
  }

  const found = await firstProblem()
  return {
    entries: verified.sequence,
    head: verified,
    checkpoint: checkpoint && { size: checkpoint.size, at: checkpoint.at },
    problems: found === null ? problems : [...problems, found],
  }
}

interface UsableCheckpoint {
  readonly checkpoint: Checkpoint | null
  readonly problems: readonly VerifyProblem[]
}

async function useCheckpoint({ checkpoint: token, gatewayKeys }: VerifyOptions): Promise<UsableCheckpoint> {
  if (token === null) return { checkpoint: null, problems: [] }
  try {
    return { checkpoint: await verifyCheckpoint(token, gatewayKeys), problems: [] }
  } catch (thrown) {
    return {
      checkpoint: null,
      problems: [{ sequence: null, problem: `the checkpoint ${ensureError(thrown).message}` }],
    }
  }
}

/** The seal says that the gateway took the statement; its own signature, where its key is known, that the gateway was right to. */
async function statementProblem(row: JournalRow, keys: KeyRing): Promise<string | null> {
  try {
    acceptedOf(row)
    return (await signatureHolds(row.statement, keys)) === false ? 'the signature of its statement does not hold' : null
  } catch (thrown) {
    return ensureError(thrown).message
  }
}
