import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Asked, LoadData, LoadOrder } from './load-thread.ts'

/** Load from a thread of its own, so that whoever watches the gateway meanwhile is not kept from it. */
export interface LoadGenerator {
  /** Does as it is told, waits for what is in flight, and gives what came of everything. One order at a time. */
  run(order: LoadOrder): Promise<readonly Asked[]>
  stop(): Promise<void>
}

export function createLoadGenerator(data: LoadData): LoadGenerator {
  const worker = new Worker(new URL('./load-thread.ts', import.meta.url), { workerData: data })
  return {
    async run(order) {
      worker.postMessage(order)
      const [asked] = await once(worker, 'message')
      return asked
    },
    async stop() {
      await worker.terminate()
    },
  }
}
