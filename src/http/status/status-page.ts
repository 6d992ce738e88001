import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { StatusPageSettings } from '../../config/status-page-schema.ts'
import type { Authenticator } from '../../identity/authenticate.ts'
import type { Clock } from '../../model/clock.ts'
import type { Viewer } from '../../model/viewer.ts'
import type { Log } from '../../observe/log.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { PublicKnowledge } from '../../status/public-state.ts'
import type { PublicView } from '../../status/public-view.ts'
import { createStatusDocuments } from './status-documents.ts'
import { createStatusEvents } from './status-events.ts'
import { registerStatusRoutes } from './status-routes.ts'

/** What is served of the restart to everybody: built by the composition root, on the listener that partners reach. */
export interface StatusPage {
  /** What the public sees now, with the tag that changes with it. */
  publicView(): { readonly view: PublicView; readonly etag: string }
}

export interface StatusPageOptions {
  readonly settings: StatusPageSettings
  readonly recovery: Recovery
  readonly knowledge: PublicKnowledge
  readonly authenticate: Authenticator
  readonly isCurrent: (viewer: Viewer) => boolean
  readonly maxStreamsPerPartner: number
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
}

/** Null: there is no page, and its paths are as unknown as any other. */
export function openStatusPage(app: FastifyInstance, options: StatusPageOptions): StatusPage | null {
  const { settings, recovery, knowledge, authenticate, isCurrent, maxStreamsPerPartner, clock, log } = options
  const { enabled, url, name, publicStreams: maxPublic } = settings
  if (!enabled) return null
  const page = () => ({ url: url ?? listenerUrl(app), name })
  const documents = createStatusDocuments({ recovery, knowledge, page, clock })
  const events = createStatusEvents({ documents, recovery, isCurrent, maxPublic, clock, log })
  registerStatusRoutes(app, { documents, events, authenticate, maxStreamsPerPartner })
  return {
    publicView() {
      const { view, viewJson } = documents.current()
      return { view, etag: viewJson.answer.etag }
    },
  }
}

/** Never by what a request says of its host, which anybody may write. */
function listenerUrl({ server, initialConfig }: FastifyInstance): string {
  const scheme = initialConfig.https ? 'https' : 'http'
  const listening = server.address()
  // Before it listens, or on a socket that has no port.
  if (listening === null || typeof listening === 'string') return `${scheme}://localhost`
  const { address, family, port } = listening satisfies AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
