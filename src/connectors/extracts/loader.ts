import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { abortable } from '../abortable.ts'
import type { Loaded, LoadMessage, LoadOrder } from './load-thread.ts'
import { threadOptions } from './thread-options.ts'

/** Of what the thread itself keeps; SQLite's own memory is apart. `docs/extracts.md` says both. */
const HEAP_MB = 256
/** A thread that hangs in a file system that is gone cannot be ended; nobody waits longer for it, in milliseconds. */
const ENDING_MS = 2_000
/** A load that has told nothing for so long hangs; while it sorts it tells nothing either, in milliseconds. */
const STALLED_MS = 600_000

export interface LoadedFile extends Loaded {
  readonly bytes: number
}

export interface LoadOptions {
  /** Told every second or so how many rows were written. */
  readonly onProgress: (rows: number) => void
  readonly signal: AbortSignal
}

/**
 * Loads a drop in a thread that lives as long as this takes. Called by `drops.ts`. Rejects where the thread could not do
 * it, which says nothing about the drop, and with the signal's reason when it aborts: the thread has ended then, if it can.
 */
export async function loadDrop(order: LoadOrder, { onProgress, signal }: LoadOptions): Promise<LoadedFile> {
  signal.throwIfAborted()
  const stalled = new AbortController()
  const stall = () =>
    stalled.abort(new Error(`the extracts could not be loaded: no row came for ${STALLED_MS / 1_000} s`))
  let stalling = setTimeout(stall, STALLED_MS)
  const thread = new Worker(
    new URL('./load-thread.ts', import.meta.url),
    threadOptions('extracts-load', HEAP_MB, order),
  )
  const ended = new Promise<Loaded>((resolve, reject) => {
    let loaded: Loaded | null = null
    let failure = new Error('the thread that loads the extracts ended')
    thread.on('message', (message: LoadMessage) => {
      if (message.kind === 'loaded') loaded = message
      else {
        clearTimeout(stalling)
        stalling = setTimeout(stall, STALLED_MS)
        onProgress(message.rows)
      }
    })
    thread.on('error', (error: Error) => {
      failure = new Error(`the extracts could not be loaded: ${error.message}`, { cause: error })
    })
    // Not before the thread has ended: its file may then be moved or removed.
    thread.on('exit', () => (loaded !== null ? resolve(loaded) : reject(failure)))
  })
  const given = AbortSignal.any([signal, stalled.signal])
  try {
    return { ...(await abortable(ended, given)), bytes: (await stat(order.path)).size }
  } catch (thrown) {
    if (!given.aborted) throw thrown
    const waited = new AbortController()
    await Promise.race([thread.terminate(), delay(ENDING_MS, undefined, { signal: waited.signal }).catch(() => {})])
    waited.abort()
    throw given.reason
  } finally {
    clearTimeout(stalling)
  }
}
