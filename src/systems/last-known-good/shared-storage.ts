import type { SharedTexts } from '../../store/shared-store.ts'
import type { TextStorage } from './text-storage.ts'

/** What any instance was given last, in the store that all share: it bounds its room, its texts and its waits itself. */
export function createSharedStorage(store: SharedTexts): TextStorage {
  return {
    // One that cannot be looked for fails all of them, and is heard of.
    getMany: async keys => (await Promise.all(keys.map(key => store.get(key)))).map(text => text ?? undefined),
    setMany: entries => Promise.all(entries.map(({ key, value, ttl, by }) => store.set(key, value, ttl, by))),
    // Whoever opened the store closes it.
    disconnect: async () => {},
  }
}
