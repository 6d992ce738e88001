import type { Clock } from '../../model/clock.ts'
import { createFairStore } from '../../store/fair-store.ts'
import type { TextStorage } from './text-storage.ts'

/** What was given last, in this process: bounded by bytes, shared out between partners, and all goes with the process. */

/** What an entry takes beside its text: its key, and where it is filed. */
const OVERHEAD_BYTES = 256

export function createMemoryStorage(maxBytes: number, clock: Clock): TextStorage {
  const texts = createFairStore<string>({ maxBytes, clock })
  return {
    getMany: async keys => keys.map(key => texts.get(key)),
    setMany: async entries =>
      entries.map(({ key, value, ttl, by }) =>
        texts.set(key, value, Buffer.byteLength(value) + OVERHEAD_BYTES, by, clock.now() + ttl),
      ),
    disconnect: async () => texts.clear(),
  }
}
