import { LRUCache } from 'lru-cache'
import type { TextStorage } from './text-storage.ts'

/** What was given last, in this process: bounded by bytes, what was used longest ago goes first, and all goes with the process. */

/** What an entry takes beside its text: its key, and where it is filed. */
const OVERHEAD_BYTES = 256

export function createMemoryStorage(maxBytes: number): TextStorage {
  const texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: text => Buffer.byteLength(text) + OVERHEAD_BYTES,
  })
  return {
    getMany: async keys => keys.map(key => texts.get(key)),
    setMany: async entries => entries.map(({ key, value, ttl }) => texts.set(key, value, { ttl }).has(key)),
    disconnect: async () => texts.clear(),
  }
}
