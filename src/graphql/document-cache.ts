import { createHash } from 'node:crypto'
import { KeyvAdapter } from '@apollo/utils.keyvadapter'
import { ErrorsAreMissesCache, type KeyValueCache } from '@apollo/utils.keyvaluecache'
import Keyv from 'keyv'
import { LRUCache } from 'lru-cache'
import type { SharedStore } from '../store/shared-store.ts'

/**
 * Where persisted documents are kept: keyv over a bounded map, so that registering documents cannot grow the process,
 * and behind it the store that all instances share, so that a client registers its document with one of them. A store
 * that fails is a miss, and the client sends its document again.
 */
export interface DocumentCacheOptions {
  /** Documents kept in this process. */
  readonly entries: number
  readonly store: SharedDocuments | null
  readonly onError: (error: Error) => void
}

export type SharedDocuments = Pick<SharedStore, 'get' | 'set'>

export function createDocumentCache({ entries, store, onError }: DocumentCacheOptions): KeyValueCache {
  const keyv = new Keyv<string>({
    store: createTiers(entries, store),
    namespace: 'documents',
    // By default a read that fails looks like a miss, and nobody hears of it.
    throwOnErrors: true,
  })
  keyv.on('error', onError)
  const adapter = new KeyvAdapter<string>(
    // The adapter's types name keyv's CommonJS declarations, ours its ESM ones: the same class.
    keyv as unknown as ConstructorParameters<typeof KeyvAdapter<string>>[0],
    // keyv's reads of many hide the failures of each.
    { disableBatchReads: true },
  )
  const silent = () => {}
  return new ErrorsAreMissesCache<string>(adapter, {
    debug: silent,
    info: silent,
    warn: silent,
    error: message => onError(new Error(String(message))),
  })
}

/** Strings as keyv writes them, the document with its expiry, so a copy in memory ends when the shared one does. */
function createTiers(entries: number, store: SharedDocuments | null) {
  const memory = new LRUCache<string, string>({ max: entries })
  return {
    async get(key: string): Promise<string | undefined> {
      const here = memory.get(key)
      if (here !== undefined || store === null) return here
      // The store counts and logs its failures itself.
      const shared = await store.get(key).catch(() => null)
      if (shared === null || !isOwnDocument(key, shared)) return undefined
      memory.set(key, shared)
      return shared
    },
    async set(key: string, value: string, ttlMs?: number): Promise<void> {
      memory.set(key, value)
      if (store !== null && ttlMs !== undefined) await store.set(key, value, ttlMs).catch(() => {})
    },
    delete: (key: string) => memory.delete(key),
    clear: () => memory.clear(),
  }
}

/**
 * A persisted document is named by its SHA-256, so what is shared need not be trusted: nobody who can write to the store
 * can have a client's document replaced by another.
 */
function isOwnDocument(key: string, kept: string): boolean {
  const [, hash] = /:apq:([0-9a-f]{64})$/.exec(key) ?? []
  try {
    const { value }: { readonly value?: unknown } = JSON.parse(kept)
    return typeof value === 'string' && createHash('sha256').update(value).digest('hex') === hash
  } catch {
    return false
  }
}
