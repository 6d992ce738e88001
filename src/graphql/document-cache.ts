import { createHash } from 'node:crypto'
import { KeyvAdapter } from '@apollo/utils.keyvadapter'
import { ErrorsAreMissesCache, type KeyValueCache } from '@apollo/utils.keyvaluecache'
import Keyv from 'keyv'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../model/clock.ts'
import type { SharedTexts } from '../store/shared-store.ts'

/**
 * Where persisted documents are kept: keyv over a bounded map, so that registering documents cannot grow the process,
 * and behind it the store that all instances share, so that a client registers its document with one of them. A store
 * that fails is a miss, and the client sends its document again.
 */
export interface DocumentCache {
  /** As the protocol library reads and fills it: what it puts there is this process's alone. */
  readonly cache: KeyValueCache
  /** Shares a document that the partner registers, where it has not been kept here yet. Nothing waits for it. */
  share(document: string, partner: string): void
}

export interface DocumentCacheOptions {
  /** Documents kept in this process. */
  readonly entries: number
  readonly ttlSeconds: number
  readonly store: SharedTexts | null
  readonly clock: Clock
  readonly onError: (error: Error) => void
}

const NAMESPACE = 'documents'

export function createDocumentCache({
  entries,
  ttlSeconds,
  store,
  clock,
  onError,
}: DocumentCacheOptions): DocumentCache {
  const memory = new LRUCache<string, string>({ max: entries })
  const keyv = new Keyv<string>({
    store: createTiers(memory, store),
    namespace: NAMESPACE,
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
  const cache = new ErrorsAreMissesCache<string>(adapter, {
    debug: silent,
    info: silent,
    warn: silent,
    error: message => onError(new Error(String(message))),
  })
  return {
    cache,
    share(document, partner) {
      const key = `${NAMESPACE}:apq:${digestOf(document)}`
      if (store === null || memory.has(key)) return
      const ttlMs = ttlSeconds * 1_000
      // As keyv writes it, with its expiry, so a copy in memory ends when the shared one does.
      const kept = JSON.stringify({ value: document, expires: clock.now() + ttlMs })
      // The store counts and logs its failures itself.
      void store.set(key, kept, ttlMs, partner).catch(() => {})
    },
  }
}

function createTiers(memory: LRUCache<string, string>, store: SharedTexts | null) {
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
    set: (key: string, value: string) => void memory.set(key, value),
    delete: (key: string) => memory.delete(key),
    clear: () => memory.clear(),
  }
}

/**
 * A persisted document is named by its SHA-256, so what is shared need not be trusted: nobody who can write to the store
 * can have a client's document replaced by another.
 */
function isOwnDocument(key: string, kept: string): boolean {
  const [, digest] = /:apq:([0-9a-f]{64})$/.exec(key) ?? []
  try {
    const { value }: { readonly value?: unknown } = JSON.parse(kept)
    return typeof value === 'string' && digestOf(value) === digest
  } catch {
    return false
  }
}

function digestOf(document: string): string {
  return createHash('sha256').update(document).digest('hex')
}
