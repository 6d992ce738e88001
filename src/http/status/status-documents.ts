import type { Clock } from '../../model/clock.ts'
import { SYSTEM_KEYS } from '../../model/system.ts'
import type { Recovery, RecoverySnapshot } from '../../recovery/recovery.ts'
import { createCompressor } from '../../responses/content-coding.ts'
import { createFinishedAnswer, type FinishedAnswer } from '../../responses/finished-answer.ts'
import { atomFeed } from '../../status/atom.ts'
import type { Page } from '../../status/page.ts'
import { type PublicKnowledge, publicStateOf } from '../../status/public-state.ts'
import { createPublicView, type PublicView } from '../../status/public-view.ts'
import { statuspageDocuments } from '../../status/statuspage.ts'

/**
 * What everybody may read of the restart, as finished bytes: made once for each state, so that a crowd costs no more than
 * its bytes. Called by the routes and by the streams, which tell of a new view.
 */
export interface StatusDocuments {
  current(): PublishedStatus
}

/** Of one state: the same object until something changes. */
export interface PublishedStatus {
  readonly view: PublicView
  /** The systems that are degraded, as one text. */
  readonly degraded: string
  readonly viewJson: StatusDocument
  readonly feed: StatusDocument
  /** By the name below `/api/v2/`. */
  readonly statuspage: ReadonlyMap<string, StatusDocument>
}

export interface StatusDocument {
  readonly contentType: string
  readonly answer: FinishedAnswer
}

export interface StatusDocumentsOptions {
  readonly recovery: Pick<Recovery, 'current'>
  readonly knowledge: PublicKnowledge
  /** Asked when the first document is made, once the server listens. */
  readonly page: () => Page
  readonly clock: Clock
}

export const VIEW_PATH = '/status/view'
export const FEED_PATH = '/feed.atom'
/** How old what is known of the systems' health may be here. What the journal says is in force at once. */
const HEALTH_MS = 10_000
const JSON_TYPE = 'application/json; charset=utf-8'
const ATOM_TYPE = 'application/atom+xml; charset=utf-8'

export function createStatusDocuments({ recovery, knowledge, page, clock }: StatusDocumentsOptions): StatusDocuments {
  const compressor = createCompressor()
  let made: { readonly of: RecoverySnapshot; readonly health: string; readonly status: PublishedStatus } | null = null
  let lookedAtMs = Number.NEGATIVE_INFINITY

  function document(key: string, contentType: string, text: string): StatusDocument {
    const parts = { key, body: Buffer.from(text), maxAgeSeconds: 0, freshUntilMs: Number.POSITIVE_INFINITY }
    return { contentType, answer: createFinishedAnswer(parts, { compressor, onGrown() {} }) }
  }

  function publish({ state }: RecoverySnapshot): PublishedStatus {
    const shown = publicStateOf(state, knowledge)
    const view = createPublicView(shown)
    const about = page()
    const statuspage = Object.entries(statuspageDocuments(shown, about)).map(
      ([name, content]) => [name, document(name, JSON_TYPE, JSON.stringify(content))] as const,
    )
    return {
      view,
      degraded: SYSTEM_KEYS.filter(knowledge.isDegraded).join(),
      viewJson: document(VIEW_PATH, JSON_TYPE, JSON.stringify(view)),
      feed: document(FEED_PATH, ATOM_TYPE, atomFeed(shown, about, FEED_PATH)),
      statuspage: new Map(statuspage),
    }
  }

  return {
    current() {
      const of = recovery.current()
      const nowMs = clock.now()
      // A clock that was set back is no reason to look no more.
      const isFresh = nowMs >= lookedAtMs && nowMs < lookedAtMs + HEALTH_MS
      if (made?.of === of && isFresh) return made.status
      const health = JSON.stringify(SYSTEM_KEYS.map(key => [knowledge.lastAsOf(key), knowledge.isDegraded(key)]))
      lookedAtMs = nowMs
      if (made?.of !== of || made.health !== health) made = { of, health, status: publish(of) }
      return made.status
    },
  }
}
