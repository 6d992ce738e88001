import Keyv from 'keyv'

/**
 * Where last-known-good keeps its texts, as keyv asks for it: a file, the store of all instances, or memory. Each holds no
 * more than its bound and forgets the oldest first, or takes no more. Keys are digests, texts are sealed by whoever keeps them.
 */
export interface TextStorage {
  /** For each key, in their order; undefined: not there. Rejects where any of them could not be looked for. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>
  /** Whether each was kept, in their order: one that is over a bound is not. Rejects where they could not be written. */
  setMany(entries: readonly TextEntry[]): Promise<readonly boolean[]>
  disconnect(): Promise<void>
}

export interface TextEntry {
  readonly key: string
  readonly value: string
  /** For how long it is of use, in milliseconds, at least 1. */
  readonly ttl: number
}

export type KeptTexts = Pick<Keyv<string>, 'getMany' | 'setMany' | 'disconnect'>

export function createKeptTexts(storage: TextStorage): KeptTexts {
  return new Keyv<string>({
    store: {
      get: async (key: string) => (await storage.getMany([key]))[0],
      set: async (key: string, value: string, ttl: number) => (await storage.setMany([{ key, value, ttl }]))[0],
      getMany: storage.getMany,
      setMany: storage.setMany,
      // keyv asks for them; what is kept ends with its time or makes room, and is never taken out by hand.
      delete: async () => false,
      clear: async () => {},
      disconnect: storage.disconnect,
    },
    // By default a read that fails looks like a miss, and nobody hears of it.
    throwOnErrors: true,
    // Keys are digests already, and would be taken for those of another namespace that begins alike.
    useKeyPrefix: false,
    // A sealed text says itself when it ends, by a clock that is given.
    serialize: ({ value }) => String(value),
    deserialize: <T>(value: string) => ({ value: value as T }),
  })
}
