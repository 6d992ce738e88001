import Keyv from 'keyv'

/**
 * Where last-known-good keeps its texts, as keyv asks for it: a file, the store of all instances, or memory. Each holds no
 * more than its bound: what is old makes room, or no more is taken. Keys are digests, texts are sealed by whoever keeps them.
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
  /** The partner whose share of the room it takes, where rooms are shared out. */
  readonly by: string
}

/** What keyv is given to keep; what it finds is the text alone. */
interface OwnText {
  readonly text: string
  readonly by: string
}

/** As keyv hands on to its store what it does not put into words itself. */
interface Handed {
  readonly key: string
  readonly value: { readonly value: OwnText }
  readonly ttl: number
}

export function createKeptTexts(storage: TextStorage): TextStorage {
  const entryOf = ({ key, value: { value }, ttl }: Handed): TextEntry => ({ key, value: value.text, ttl, by: value.by })
  const keyv = new Keyv<OwnText>({
    store: {
      get: async (key: string) => (await storage.getMany([key]))[0],
      set: async (key: string, value: Handed['value'], ttl: number) =>
        (await storage.setMany([entryOf({ key, value, ttl })]))[0],
      getMany: storage.getMany,
      setMany: (handed: readonly Handed[]) => storage.setMany(handed.map(entryOf)),
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
    deserialize: <T>(value: string) => ({ value: value as T }),
  })
  // Whose text it is would be lost on the way.
  keyv.serialize = undefined
  return {
    getMany: keys => keyv.getMany<string>([...keys]),
    setMany: entries =>
      keyv.setMany(entries.map(({ key, value, ttl, by }) => ({ key, value: { text: value, by }, ttl }))),
    disconnect: () => keyv.disconnect(),
  }
}
