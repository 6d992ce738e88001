import { hash, randomUUID } from 'node:crypto'
import { canonicalJson } from '../model/key.ts'
import type { Bulletin, News } from './outbox.ts'

/**
 * From what a partner may read of the restart to the messages of its webhooks: one for each system and each update. Pure
 * but for the names of messages; knows neither who reads nor where they are sent.
 */

/** The restart as one partner may read it, in the words of the partner schema. */
export interface RestartReading {
  /** The last entry of the journal that it is as of. */
  readonly sequence: number
  readonly systems: readonly SystemReading[]
  readonly updates: readonly UpdateReading[]
  /** When the oldest was published of those that were looked at, where there are older ones; null: they are all there. */
  readonly horizon: string | null
}

export interface SystemReading {
  readonly key: string
  readonly since: string
  readonly componentStatus: string
}

export interface UpdateReading {
  readonly id: string
  readonly publishedAt: string
}

/** The types of message; `docs/partners/webhooks.md` has what stands in each. */
const SYSTEM_CHANGED = 'restart.system.changed'
const UPDATE_PUBLISHED = 'restart.update.published'
const TEST = 'webhook.test'

const UPDATE = 'update '

/** The id of the update that news are of; null: they are of no update. */
export function updateIn(subject: string): string | null {
  return subject.startsWith(UPDATE) ? subject.slice(UPDATE.length) : null
}

export function bulletinOf({ sequence, systems, updates, horizon }: RestartReading, nowMs: number): Bulletin {
  const news = [
    ...systems.map(system => {
      // Instances may differ in these: in what they have read last, and in when they saw what nobody has signed. So nobody
      // is told again for them alone.
      const { componentStatus, since, ...compared } = system
      const subject = `system ${system.key}`
      return newsAbout(subject, { type: SYSTEM_CHANGED, data: system, compared, since }, nowMs)
    }),
    ...updates.map(update => {
      const { id, publishedAt: since } = update
      return newsAbout(UPDATE + id, { type: UPDATE_PUBLISHED, data: update, compared: update, since }, nowMs)
    }),
  ]
  return { sequence, news, horizonMs: horizon === null ? null : Date.parse(horizon) }
}

/** Of a message that says nothing of the restart, and so needs no right. */
export const TEST_SUBJECT = 'test'

/** A message that says nothing of the restart. */
export function testNews(endpoint: string, nowMs: number): News {
  const data = { endpoint }
  return newsAbout(TEST_SUBJECT, { type: TEST, data, compared: data, since: new Date(nowMs).toISOString() }, nowMs)
}

interface Content {
  readonly type: string
  readonly data: object
  /** What of it decides whether it is new. */
  readonly compared: object
  readonly since: string
}

function newsAbout(subject: string, { type, data, compared, since }: Content, nowMs: number): News {
  return {
    subject,
    id: `msg_${randomUUID()}`,
    digest: hash('sha256', canonicalJson(compared), 'base64url'),
    changedMs: Date.parse(since),
    body: JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data }),
  }
}
