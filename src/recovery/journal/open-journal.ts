import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import { ConfigError } from '../../model/operator-file.ts'
import type { Log } from '../../observe/log.ts'
import type { AcceptedStatement } from '../fold/accepted.ts'
import type { JournalHead } from '../state.ts'
import type { KeyRing } from '../statements/key-ring.ts'
import type { SigningKey } from '../statements/signing-key.ts'
import { type Chain, createChain, EMPTY_HEAD } from './chain.ts'
import { signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { readLastCheckpoint } from './checkpoint-file.ts'
import { ClockProblem, MOST_AHEAD_SECONDS } from './clock-problem.ts'
import { acceptanceText, acceptedOf, hashEntry } from './entry.ts'
import { type Journal, JournalFault } from './journal.ts'
import { PAGE_ROWS, readOn } from './reading.ts'
import { createSealCheck, seal } from './seal.ts'
import type { JournalRow, JournalStore } from './store.ts'

/**
 * The journal over a store: followed row by row, every row verified before anybody acts on it, and appended to under the
 * gateway's seal. What has once been found wrong stays wrong until the process is started again.
 */
export interface JournalOptions {
  readonly store: JournalStore
  /** The gateway's own; the key ring must have it as a GATEWAY key. */
  readonly key: SigningKey
  readonly keys: KeyRing
  /** This instance's own, never put forward to the journal's: it is held against that. */
  readonly clock: Clock
  /** Where the last checkpoint stands that the journal must agree with; null: nowhere. */
  readonly checkpoints: { readonly file: string | null }
  readonly log: Pick<Log, 'debug'>
}

/** Reads nothing of the journal yet, and needs no store that can be reached. Throws `ConfigError` for a key that is not a gateway's. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { store, key, keys, clock, checkpoints, log } = options
  if (keys.find(key.keyId)?.role !== 'GATEWAY')
    throw new ConfigError([
      `the gateway's own key ${key.keyId} is not in the key file with the role GATEWAY; add its public part there`,
    ])
  const sealProblem = createSealCheck(keys)
  const listeners = new Set<() => void>()
  const unsubscribe = await store.subscribe(() => {
    for (const listener of listeners) listener()
  })
  let chain: Chain | null = null
  let last: JournalRow | null = null
  let fault: JournalFault | null = null
  /** Followed, and not given to the caller yet: a read may fail between two pages. */
  let pending: AcceptedStatement[] = []
  /** As of the last `catchUp` that was answered; null: none was. What is appended was judged on this. */
  let head: JournalHead | null = null
  let turn: Promise<unknown> = Promise.resolve()

  /** The journal is one: what reads it and what takes its state for true come one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(() => {
      if (fault !== null) throw fault
      return work()
    })
    turn = done.catch(() => {})
    return done
  }

  async function beginChain(): Promise<Chain> {
    const { file } = checkpoints
    const token = file === null ? null : await readLastCheckpoint(file)
    if (token === null)
      log.debug({ file }, 'there is no checkpoint of the journal yet: entries cut off its end would not show')
    try {
      return createChain({ keys, checkpoint: token === null ? null : await verifyCheckpoint(token, keys) })
    } catch (thrown) {
      throw new JournalFault(1, `the last checkpoint in ${file} ${ensureError(thrown).message}`)
    }
  }

  function follow(row: JournalRow, chain: Chain): void {
    const sequence = chain.head().sequence + 1
    const problem = chain.follow(row)
    if (problem !== null) throw new JournalFault(sequence, problem)
    try {
      pending.push(acceptedOf(row))
    } catch (thrown) {
      throw new JournalFault(sequence, ensureError(thrown).message)
    }
    last = row
  }

  async function readToEnd(): Promise<readonly AcceptedStatement[]> {
    chain ??= await beginChain()
    for (;;) {
      const rows = await readOn(store.read, last)
      if (rows === null) throw new JournalFault(chain.head().sequence, 'it has changed or vanished since it was read')
      for (const row of rows) follow(row, chain)
      if (rows.length < PAGE_ROWS) break
    }
    const shortfall = chain.shortfall()
    if (shortfall !== null) throw new JournalFault(chain.head().sequence + 1, shortfall)
    head = chain.head()
    const entries = pending
    pending = []
    return entries
  }

  return {
    head: () => head ?? EMPTY_HEAD,
    catchUp: () =>
      inTurn(async () => {
        try {
          return await readToEnd()
        } catch (thrown) {
          if (thrown instanceof JournalFault) fault = thrown
          throw thrown
        }
      }),
    append: (statement, guards, judgedOn) =>
      inTurn(async () => {
        if (head === null || chain?.head() !== head || (judgedOn !== undefined && judgedOn !== head.sequence))
          return 'behind'
        const content = {
          sequence: head.sequence + 1,
          recordedAt: recordedAfter(head, clock.now()),
          statementId: statement.id,
          statement: statement.token,
          acceptance: acceptanceText({ signedBy: statement.signedBy, guards }),
          previousHash: head.hash,
        }
        const hash = hashEntry(content)
        const row = { ...content, hash, seal: seal(hash, key) }
        // What could not be followed may not be written: it would stop every instance for good.
        const problem = sealProblem(row)
        if (problem !== null) throw new Error(`nothing can be added to the journal: ${problem}`)
        acceptedOf(row)
        const outcome = await store.append(row)
        return outcome === 'taken' ? 'behind' : outcome
      }),
    rows: (after, limit) => store.browse(after, limit),
    clockOffsetMs: () => store.clockOffsetMs(clock),
    checkpoint: () =>
      inTurn(async () => {
        // Before the first answer the journal has not been held against the last checkpoint.
        const checkpoint = head === null ? null : chain?.checkpoint(new Date(clock.now()).toISOString())
        return checkpoint ? signCheckpoint(checkpoint, key) : null
      }),
    onAppend(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      await unsubscribe()
      await store.close()
    },
  }
}

/** Never before the head. What is far behind it would be judged by one time and recorded with another. */
function recordedAfter({ recordedAt }: JournalHead, nowMs: number): string {
  const headMs = recordedAt === null ? nowMs : Date.parse(recordedAt)
  const behindSeconds = Math.round((headMs - nowMs) / 1_000)
  if (headMs - nowMs > MOST_AHEAD_SECONDS * 1_000)
    throw new ClockProblem(
      `the clock of this instance is ${behindSeconds} s behind the last entry of the journal, of ${recordedAt}; correct it`,
    )
  return new Date(Math.max(headMs, nowMs)).toISOString()
}
