import type { LastKnownGoodStore } from '../../config/last-known-good.ts'
import type { Clock } from '../../model/clock.ts'
import type { Log } from '../../observe/log.ts'
import type { SharedTexts } from '../../store/shared-store.ts'
import { createKeeper, type KeeperOptions } from './keeper.ts'
import { type LastKnownGood, NOTHING_KNOWN } from './last-known-good.ts'
import { createMemoryStorage } from './memory-storage.ts'
import { createSharedStorage } from './shared-storage.ts'
import { openSqliteStorage } from './sqlite-storage.ts'
import type { TextStorage } from './text-storage.ts'

/** Opens last-known-good over the store that the configuration names. Called by the composition root. */
export interface LastKnownGoodOptions extends Omit<KeeperOptions, 'storage'> {
  readonly store: LastKnownGoodStore
  /** Of the store that all instances share; null: there is none. */
  readonly shared: SharedTexts | null
  readonly log: Pick<Log, 'warn' | 'error'>
}

/** @throws ConfigError where its file cannot be used */
export async function openLastKnownGood({
  store,
  shared,
  log,
  ...options
}: LastKnownGoodOptions): Promise<LastKnownGood> {
  const storage = await openStorage(store, shared, log, options.clock)
  return storage === null ? NOTHING_KNOWN : createKeeper({ ...options, storage })
}

async function openStorage(
  store: LastKnownGoodStore,
  shared: SharedTexts | null,
  log: LastKnownGoodOptions['log'],
  clock: Clock,
): Promise<TextStorage | null> {
  switch (store.kind) {
    case 'none':
      return null
    case 'memory':
      return createMemoryStorage(store.maxBytes, clock)
    case 'shared':
      if (shared === null) throw new TypeError('the configuration has no shared store and passed its checks')
      return createSharedStorage(shared)
    case 'sqlite': {
      const { path, maxBytes } = store
      if (path === null) throw new TypeError('the configuration names no file and passed its checks')
      return openSqliteStorage({ path, maxBytes, log })
    }
    default:
      return store satisfies never
  }
}
