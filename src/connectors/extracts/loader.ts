import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { Loaded, LoadOrder } from './load-thread.ts'
import { threadOptions } from './thread-options.ts'

/** Of what the thread itself keeps; SQLite's own memory is apart. `docs/extracts.md` says both. */
const HEAP_MB = 256

export interface LoadedFile extends Loaded {
  readonly bytes: number
}

/**
 * Loads a drop in a thread that lives as long as this takes. Called by `drops.ts`. Rejects where the thread could not do
 * it, which says nothing about the drop, and with the signal's reason as soon as it aborts; the thread has ended then.
 */
export async function loadDrop(order: LoadOrder, signal: AbortSignal): Promise<LoadedFile> {
  signal.throwIfAborted()
  const thread = new Worker(
    new URL('./load-thread.ts', import.meta.url),
    threadOptions('extracts-load', HEAP_MB, order),
  )
  const abort = () => void thread.terminate()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const loaded = await new Promise<Loaded>((resolve, reject) => {
      let message: Loaded | null = null
      let failure = new Error('the thread that loads the extracts ended')
      thread.on('message', (value: Loaded) => {
        message = value
      })
      thread.on('error', (error: Error) => {
        failure = new Error(`the extracts could not be loaded: ${error.message}`, { cause: error })
      })
      // Not before the thread has ended: its file may then be moved or removed.
      thread.on('exit', () => (message !== null ? resolve(message) : reject(failure)))
    })
    return { ...loaded, bytes: (await stat(order.path)).size }
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
