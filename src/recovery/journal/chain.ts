import type { JournalHead } from '../state.ts'
import type { KeyRing } from '../statements/key-ring.ts'
import type { Checkpoint } from './checkpoint.ts'
import { hashEntry, NO_ENTRY } from './entry.ts'
import { createMerkleTree } from './merkle.ts'
import { createSealCheck } from './seal.ts'
import type { JournalRow } from './store.ts'

/**
 * The chain of a journal as it is followed row by row: each row must be the next, hold together and be sealed, and the
 * whole must be what a checkpoint says. The one place that judges rows, for the running gateway and for the offline verifier.
 */
export interface Chain {
  /** The last row that was followed. */
  head(): JournalHead
  /** Takes a row on top of the head, or says what is wrong with it: then the chain is at its end. */
  follow(row: JournalRow): string | null
  /** What is wrong if the journal ends here: entries that the checkpoint has are missing; null: nothing. */
  shortfall(): string | null
  /** Of everything up to the head, an empty journal has none. */
  checkpoint(at: string): Checkpoint | null
}

export interface ChainOptions {
  readonly keys: KeyRing
  /** Verified; null: cuts of the tail cannot be seen. */
  readonly checkpoint: Checkpoint | null
}

/** Of a journal without entries. */
export const EMPTY_HEAD: JournalHead = { journal: '', sequence: 0, hash: NO_ENTRY, recordedAt: null }

export function createChain({ keys, checkpoint: known }: ChainOptions): Chain {
  const sealProblem = createSealCheck(keys)
  const tree = createMerkleTree()
  let head = EMPTY_HEAD

  function problemOf(row: JournalRow): string | null {
    const expected = head.sequence + 1
    if (row.sequence > expected) return `it is missing; the next is entry ${row.sequence}`
    if (row.sequence !== expected) return `entry ${row.sequence} stands in its place`
    if (row.previousHash !== head.hash) return 'it does not follow the entry before it'
    if (row.hash !== hashEntry(row)) return 'it is not what was hashed'
    if (!isInstant(row.recordedAt)) return 'the time at which it was recorded is none'
    if (head.recordedAt !== null && row.recordedAt < head.recordedAt)
      return 'it was recorded before the entry before it'
    return sealProblem(row)
  }

  function contradiction(row: JournalRow): string | null {
    if (known === null) return null
    if (row.sequence === 1 && row.hash !== known.journal)
      return `it begins another journal than that of the checkpoint of ${known.at}`
    if (row.sequence === known.size && (row.hash !== known.head || tree.root() !== known.root))
      return `the entries up to here are not the ${known.size} of the checkpoint of ${known.at}`
    return null
  }

  return {
    head: () => head,
    follow(row) {
      const problem = problemOf(row)
      if (problem !== null) return problem
      tree.append(Buffer.from(row.hash, 'hex'))
      const { sequence, hash, recordedAt } = row
      const contradicted = contradiction(row)
      if (contradicted === null) head = { journal: head.journal || hash, sequence, hash, recordedAt }
      return contradicted
    },
    shortfall: () =>
      known === null || head.sequence >= known.size
        ? null
        : `the journal ends at ${head.sequence}, but the checkpoint of ${known.at} has ${known.size} entries`,
    checkpoint: at =>
      head.sequence === 0
        ? null
        : { journal: head.journal, size: head.sequence, root: tree.root(), head: head.hash, at },
  }
}

/** Exactly as `Date.prototype.toISOString` writes it: such texts sort as the times they are. */
function isInstant(text: string): boolean {
  const ms = Date.parse(text)
  return /^\d{4}-/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString() === text
}
