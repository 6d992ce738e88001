import { KeyvAdapter } from '@apollo/utils.keyvadapter'
import { ErrorsAreMissesCache, type KeyValueCache } from '@apollo/utils.keyvaluecache'
import Keyv from 'keyv'
import { LRUCache } from 'lru-cache'

/**
 * Where persisted documents are kept: keyv over a bounded store, so that registering documents cannot grow the process.
 * A store that fails is a miss, and the client sends its document again.
 */
export interface DocumentCacheOptions {
  /** Documents kept. */
  readonly entries: number
  readonly onError: (error: Error) => void
}

export function createDocumentCache(options: DocumentCacheOptions): KeyValueCache {
  // Strings as keyv writes them: the value with its expiry.
  const store = new LRUCache<string, string>({ max: options.entries })
  const keyv = new Keyv<string>({
    store: {
      get: (key: string) => store.get(key),
      set: (key: string, value: string) => void store.set(key, value),
      delete: (key: string) => store.delete(key),
      clear: () => store.clear(),
    },
    namespace: 'documents',
    // By default a read that fails looks like a miss, and nobody hears of it.
    throwOnErrors: true,
  })
  keyv.on('error', options.onError)
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
    error: message => options.onError(new Error(String(message))),
  })
}
