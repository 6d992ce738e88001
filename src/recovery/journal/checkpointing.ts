import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { appendCheckpoint, readLastCheckpoint } from './checkpoint-file.ts'
import type { Journal } from './journal.ts'

/**
 * When a checkpoint is exported: after so many entries, or so long after the first that no checkpoint covers. What it
 * writes follows from the line before, or it writes nothing; what it cannot write it tries again, and never fails its caller.
 */
export interface Checkpointing {
  /** To be called after the journal was read on; returns at once. */
  note(): void
  /** How long the first entry that no checkpoint covers has waited for one, in milliseconds; 0: all are covered. */
  waitingMs(): number
  /** Exports what no checkpoint covers yet, and ends. */
  stop(): Promise<void>
}

export interface CheckpointingOptions {
  readonly journal: Pick<Journal, 'head' | 'checkpoint' | 'rows'>
  readonly file: string
  readonly everyEntries: number
  readonly everySeconds: number
  readonly clock: Clock
  readonly log: Pick<Log, 'debug' | 'error'>
}

export function createCheckpointing(options: CheckpointingOptions): Checkpointing {
  const { journal, file, everyEntries, everySeconds, clock, log } = options
  /** Entries that the last line covers; null: the file has not been looked at. */
  let covered: number | null = null
  /** When the first entry was noted that no checkpoint covers. */
  let waitingSinceMs: number | null = null
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> = Promise.resolve()
  let isFailing = false
  let isStopped = false

  async function previous(): Promise<Checkpoint | null> {
    const line = await readLastCheckpoint(file)
    return line === null ? null : readCheckpoint(line)
  }

  /** The chain of hashes makes the last of them stand for all before it. */
  async function assertExtends(before: Checkpoint, after: Checkpoint): Promise<void> {
    const [last] = await journal.rows(before.size - 1, 1)
    const isExtended = before.size < after.size ? last?.hash === before.head : before.root === after.root
    if (before.journal !== after.journal || !isExtended)
      throw new Error(
        `the journal contradicts the last checkpoint in ${file}, of ${before.at} over ${before.size} entries`,
      )
  }

  async function write(): Promise<void> {
    const before = await previous()
    const token = await journal.checkpoint()
    if (token === null) return
    const after = readCheckpoint(token)
    // Another instance has read further: there is nothing to compare yet, and nothing that would not be covered.
    if (before !== null && before.journal === after.journal && before.size > after.size) {
      covered = before.size
      wake(everySeconds * 1_000)
      return
    }
    if (before !== null) await assertExtends(before, after)
    if (before === null || before.size < after.size) {
      await appendCheckpoint(file, token)
      log.debug({ file, entries: after.size }, 'a checkpoint of the journal was exported')
    }
    covered = after.size
    waitingSinceMs = null
  }

  async function writeIfDue(isLast: boolean): Promise<void> {
    clearTimeout(timer)
    try {
      covered ??= (await previous())?.size ?? 0
      const uncovered = journal.head().sequence - covered
      if (uncovered <= 0) return
      waitingSinceMs ??= clock.now()
      const remainingMs = everySeconds * 1_000 - (clock.now() - waitingSinceMs)
      if (isLast || uncovered >= everyEntries || remainingMs <= 0) await write()
      else wake(remainingMs)
      isFailing = false
    } catch (thrown) {
      if (!isFailing) log.error({ file, error: ensureError(thrown) }, 'no checkpoint of the journal could be exported')
      isFailing = true
      wake(everySeconds * 1_000)
    }
  }

  function wake(inMs: number): void {
    if (!isStopped) timer = setTimeout(note, inMs).unref()
  }

  function note(): void {
    if (isStopped) return
    turn = turn.then(() => writeIfDue(false))
  }

  return {
    note,
    waitingMs() {
      const isCovered = covered !== null && journal.head().sequence <= covered
      return isCovered || waitingSinceMs === null ? 0 : clock.now() - waitingSinceMs
    },
    stop() {
      isStopped = true
      turn = turn.then(() => writeIfDue(true))
      return turn
    },
  }
}
