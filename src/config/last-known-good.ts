import { join } from 'node:path'
import { embeddedGatewayDirectory } from './embedded.ts'
import type { ParsedConfig } from './schema.ts'

/** Which store the last answers of the systems are kept in. Called by the rules between settings and by whoever opens it. */
export type LastKnownGoodStore =
  | { readonly kind: 'shared' | 'none' }
  | { readonly kind: 'memory'; readonly maxBytes: number }
  /** `path` null: nobody says where. */
  | { readonly kind: 'sqlite'; readonly path: string | null; readonly maxBytes: number }

export function lastKnownGoodStoreOf({
  lastKnownGood: { store, file, maxBytes },
  sharedStore,
  embedded,
}: Pick<ParsedConfig, 'lastKnownGood' | 'sharedStore' | 'embedded'>): LastKnownGoodStore {
  const kind = store ?? (sharedStore ? 'shared' : embedded ? 'sqlite' : 'memory')
  switch (kind) {
    case 'shared':
    case 'none':
      return { kind }
    case 'memory':
      return { kind, maxBytes }
    case 'sqlite': {
      const ownFile = embedded && join(embeddedGatewayDirectory(embedded.directory), 'last-known-good.sqlite')
      return { kind, path: file ?? ownFile ?? null, maxBytes }
    }
    default:
      return kind satisfies never
  }
}
