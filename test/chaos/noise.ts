import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Arrival } from '../support/arrivals.ts'
import type { NoiseOrder } from './noise-thread.ts'

/** A noisy partner, in a thread of its own: what the noise takes of its client must not be taken for what it takes of the gateway. */
export interface Noise {
  /** Asks no more, and gives what came of everything. */
  stop(): Promise<NoiseCourse>
}

export interface NoiseCourse {
  readonly asked: readonly Arrival[]
  /** What came of those that were refused without a time to come back. */
  readonly untimed: readonly string[]
}

/** Resolves when the first is asked. */
export async function startNoise(order: NoiseOrder): Promise<Noise> {
  const worker = new Worker(new URL('./noise-thread.ts', import.meta.url), { workerData: order })
  await once(worker, 'message')
  return {
    async stop() {
      worker.postMessage('stop')
      const [course] = await once(worker, 'message')
      await worker.terminate()
      return course
    },
  }
}
