import type { Viewer } from '../model/viewer.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { RestartReading } from './news.ts'

/**
 * What the partners of endpoints may read: each as one of its own clients would be answered that asks with the scope
 * `restart:read` and no other. Whoever is disabled, or is not granted that scope, reads nothing.
 */
export interface Readers {
  mayRead(partner: string): boolean
  /** With the update of this id where it may be read, however old. Null: it may read nothing. Rejects where it cannot be read. */
  readAs(partner: string, updateId?: string | null): Promise<RestartReading | null>
}

export interface ReadersOptions {
  readonly recovery: Pick<Recovery, 'current'>
  /** By the registry; null: unknown or disabled. */
  readonly viewerFor: (clientId: string, scopes: ReadonlySet<string>) => Viewer | null
  readonly isCurrent: (viewer: Viewer) => boolean
  readonly read: ReadRestart
}

/**
 * The restart as a viewer may read it: the newest updates, and the one of this id where it is among the older. Rejects where
 * the viewer has lost its rights meanwhile.
 */
export type ReadRestart = (viewer: Viewer, updateId: string | null) => Promise<RestartReading>

const SCOPE = 'restart:read'
const SCOPES: ReadonlySet<string> = new Set([SCOPE])

export function createReaders({ recovery, viewerFor, isCurrent, read }: ReadersOptions): Readers {
  function viewerOf(partner: string): Viewer | null {
    const [client] = recovery.current().state.partners.get(partner)?.entry.clients ?? []
    const viewer = client === undefined ? null : viewerFor(client, SCOPES)
    return viewer?.partner.bpnl === partner && viewer.scopes.has(SCOPE) ? viewer : null
  }
  return {
    mayRead: partner => viewerOf(partner) !== null,
    async readAs(partner, updateId = null) {
      const viewer = viewerOf(partner)
      if (viewer === null) return null
      try {
        return await read(viewer, updateId)
      } catch (thrown) {
        // No failure: its rights have changed, and with them what it may read.
        if (isCurrent(viewer)) throw thrown
        return null
      }
    },
  }
}
