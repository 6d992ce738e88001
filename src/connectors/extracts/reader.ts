import { Worker } from 'node:worker_threads'
import type { Statement } from './conditions.ts'
import type { Asked, ReadReply, ReadRequest } from './read-thread.ts'
import type { PagePlan } from './statements.ts'
import { threadOptions } from './thread-options.ts'
import { createTurns } from './turns.ts'

/**
 * Reads SQLite files through a thread of its own. The thread starts with the first read, and again with the first read
 * after it died; the reads that it had then fail. It has a few reads at once; the others wait here, where one that
 * nobody waits for any more costs nothing. Called by `connector.ts` and `drops.ts`.
 */
export interface Reader {
  /** The values of each row, in the order of the relation's columns. Rejects with the signal's reason when it aborts. */
  lookup(file: string, statement: Statement, signal: AbortSignal): Promise<Rows>
  /** At most one row more than the page has: it is not to be shown, and says that there is more. */
  page(file: string, plan: PagePlan, signal: AbortSignal): Promise<Rows>
  /** Closes a file that nobody reads any more; the thread may be dead, and then it is closed already. */
  release(file: string): Promise<void>
  close(): Promise<void>
}

export interface ReaderOptions {
  /** The thread died, and why. */
  readonly onDeath: (reason: Error) => void
}

/** Reads that the thread has at once: enough to be fair to the short ones, few enough for its heap. */
const MOST_ACTIVE = 8
/** Reads that may wait beside them; the gate in front of a system lets far fewer through. */
const MOST_WAITING = 1_000

/** Of what the thread itself keeps; SQLite's own memory is apart. `docs/extracts.md` says both. */
const HEAP_MB = 128

/** The values of each row, in the order of the relation's columns. */
type Rows = readonly (readonly unknown[])[]

interface Answer {
  readonly rows: (readonly unknown[])[]
  /** Somebody still waits for the rows. */
  isWanted: boolean
  resolve(rows: Rows): void
  reject(error: Error): void
}

export function createReader({ onDeath }: ReaderOptions): Reader {
  const answers = new Map<number, Answer>()
  const turns = createTurns({ mostActive: MOST_ACTIVE, mostWaiting: MOST_WAITING })
  let thread: Worker | null = null
  let isClosed = false
  let lastId = 0

  function running(): Worker {
    if (thread !== null) return thread
    const started = new Worker(new URL('./read-thread.ts', import.meta.url), threadOptions('extracts-read', HEAP_MB))
    let reason = new Error('the thread that reads the extracts ended')
    started.on('message', receive)
    started.on('error', (error: Error) => {
      reason = new Error(`the thread that reads the extracts died: ${error.message}`, { cause: error })
    })
    started.on('exit', () => {
      thread = null
      const lost = [...answers.values()]
      answers.clear()
      for (const each of lost) each.reject(reason)
      if (!isClosed) onDeath(reason)
    })
    started.unref()
    thread = started
    return started
  }

  function receive(reply: ReadReply): void {
    const found = answers.get(reply.id)
    if ('part' in reply) {
      if (found?.isWanted) for (const row of JSON.parse(reply.part) as Rows) found.rows.push(row)
      return
    }
    answers.delete(reply.id)
    // Only while something is asked may the thread keep the process alive.
    if (answers.size === 0) thread?.unref()
    if ('failure' in reply) found?.reject(new Error(`the extracts cannot be read: ${reply.failure}`))
    else found?.resolve(found.rows)
  }

  /** `signal` aborted: nobody waits for the rows any more, and the answer comes as soon as the thread has noticed. */
  async function ask(asked: Asked, signal?: AbortSignal): Promise<Rows> {
    signal?.throwIfAborted()
    if (isClosed) throw new Error('the connector to the extracts is closed')
    const started = running()
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<Rows>()
    const answer: Answer = { rows: [], isWanted: true, resolve, reject }
    answers.set(id, answer)
    const abandon = () => {
      answer.isWanted = false
      answer.rows.length = 0
      thread?.postMessage({ kind: 'abandon', id } satisfies ReadRequest)
    }
    signal?.addEventListener('abort', abandon, { once: true })
    started.ref()
    started.postMessage({ ...asked, id })
    return promise.finally(() => signal?.removeEventListener('abort', abandon))
  }

  return {
    lookup: (file, statement, signal) => turns.take(() => ask({ kind: 'lookup', file, statement }, signal), signal),
    page: (file, plan, signal) => turns.take(() => ask({ kind: 'page', file, plan }, signal), signal),
    async release(file) {
      if (thread === null || isClosed) return
      // A thread that dies over it has let go of the file as well.
      await ask({ kind: 'release', file }).catch(() => {})
    },
    async close() {
      isClosed = true
      await thread?.terminate()
    },
  }
}
