import { createFinding, type FindingOptions } from './finding.ts'
import { createKeeping } from './keeping.ts'
import type { LastKnownGood } from './last-known-good.ts'
import { createKeptTexts, type TextStorage } from './text-storage.ts'

/** Last-known-good over a storage of texts: what keeps and what finds, by the same keys. Called by whoever opens it. */
export interface KeeperOptions extends Omit<FindingOptions, 'texts'> {
  readonly storage: TextStorage
}

export function createKeeper({ storage, ...options }: KeeperOptions): LastKnownGood {
  const texts = createKeptTexts(storage)
  const { drain, keepRecords, keepPage } = createKeeping({ ...options, texts })
  return {
    keepRecords,
    keepPage,
    ...createFinding({ ...options, texts }),
    async close() {
      await drain()
      await texts.disconnect()
    },
  }
}
