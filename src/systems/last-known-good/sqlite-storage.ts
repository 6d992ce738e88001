import { Worker } from 'node:worker_threads'
import { ensureError } from '../../model/errors.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { threadEnvironment } from '../../model/thread-environment.ts'
import type { Log } from '../../observe/log.ts'
import { within } from '../../store/bounded.ts'
import type { Asked, ThreadData, ThreadReply } from './sqlite-thread.ts'
import type { TextEntry, TextStorage } from './text-storage.ts'

/**
 * What was given last, in a SQLite file that outlives the process, read and written by a thread of its own. A thread that
 * dies takes what it was asked with it, and the next that is asked begins another, but not one after the other. One that
 * does not keep up is asked no more than a bound, and is not waited for when all is closed.
 */
export interface SqliteStorageOptions extends ThreadData {
  readonly log: Pick<Log, 'warn' | 'error'>
  /** Least time from one start of the thread to the next, in milliseconds; default 10 s. */
  readonly restartMs?: number
  /** Keys, of all that it has not answered yet; default 20,000. */
  readonly mostWaiting?: number
}

interface Waiting {
  /** How many keys. */
  readonly size: number
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** Of what the thread itself keeps; SQLite's own memory is apart. */
const HEAP_MB = 64
const CLOSE_MS = 2_000

/** @throws ConfigError where the file cannot be used */
export async function openSqliteStorage({
  log,
  path,
  maxBytes,
  restartMs = 10_000,
  mostWaiting = 20_000,
}: SqliteStorageOptions): Promise<TextStorage> {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | null = null
  let isClosing = false
  let startedAtMs = Number.NEGATIVE_INFINITY
  let lastId = 0
  let keysWaiting = 0

  function start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    startedAtMs = performance.now()
    const started = new Worker(new URL('./sqlite-thread.ts', import.meta.url), {
      name: 'last-known-good',
      workerData: { path, maxBytes } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
      // `node:sqlite` says at every start of a thread that it is experimental; the exact Node version is tested with it.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: threadEnvironment(),
      argv: [],
    })
    let reason = new Error('the thread ended')
    let isReady = false
    started.on('message', (reply: ThreadReply) => {
      if (reply.kind !== 'ready') return receive(reply)
      isReady = true
      // From now on only while something is asked may the thread keep the process alive.
      if (waiting.size === 0) started.unref()
      resolve()
    })
    started.on('error', thrown => {
      reason = ensureError(thrown)
    })
    started.on('exit', () => {
      if (thread === started) thread = null
      reject(reason)
      for (const { reject: lose } of waiting.values()) lose(reason)
      waiting.clear()
      keysWaiting = 0
      if (isReady && !isClosing)
        log.error({ file: path, error: reason }, 'what was known last cannot be read or kept for now')
    })
    thread = started
    return promise
  }

  function receive(reply: Exclude<ThreadReply, { readonly kind: 'ready' }>): void {
    if (reply.kind === 'damaged') {
      const { movedTo, reason } = reply
      log.warn({ file: path, movedTo, reason }, 'what was known last was damaged; it was moved aside and begun anew')
      return
    }
    const asker = waiting.get(reply.id)
    waiting.delete(reply.id)
    keysWaiting -= asker?.size ?? 0
    if (waiting.size === 0) thread?.unref()
    if (reply.kind === 'answer') asker?.resolve(reply.answer)
    else asker?.reject(new Error(reply.reason))
  }

  async function ask<T>(asked: Asked, size: number): Promise<T> {
    if (thread === null && !isClosing && performance.now() - startedAtMs >= restartMs) void start().catch(() => {})
    if (thread === null) throw new Error('the thread is away')
    if (keysWaiting + size > mostWaiting) throw new Error('the thread does not keep up')
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = ++lastId
    waiting.set(id, { size, resolve, reject })
    keysWaiting += size
    thread.ref()
    thread.postMessage({ id, ...asked })
    return promise as Promise<T>
  }

  try {
    await start()
  } catch (thrown) {
    const problem = `lastKnownGood.file: ${path} cannot be used: ${ensureError(thrown).message}`
    throw new ConfigError([problem], { cause: thrown })
  }
  return {
    getMany: keys => ask({ kind: 'find', keys }, keys.length),
    setMany: (entries: readonly TextEntry[]) => ask({ kind: 'keep', entries }, entries.length),
    async disconnect() {
      isClosing = true
      if (thread === null) return
      await within(ask({ kind: 'close' }, 0), CLOSE_MS).catch(() => {})
      // Where it hangs, nobody hangs with it.
      thread?.unref()
      void thread?.terminate()
    },
  }
}
