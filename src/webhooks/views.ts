import type { Endpoint } from './endpoint.ts'
import type { DeadDelivery, EndpointStanding } from './outbox.ts'

/** The webhooks as operators see them. Names each member that leaves, so that nothing leaves because it was added. */

/** How an endpoint stands. */
export interface EndpointView {
  readonly id: string
  readonly partner: string
  /** The origin of its URL: the rest may be as good as a password. */
  readonly receiver: string
  /** GONE: it has answered 410, and is sent nothing. NO_RIGHT: its partner may not read the restart. */
  readonly state: 'ACTIVE' | 'GONE' | 'NO_RIGHT'
  readonly waiting: number
  /** When the oldest that waits was queued; null: none waits. */
  readonly oldestAt: string | null
  readonly dead: number
  readonly deliveredAt: string | null
  /** Why one that waits or was given up has failed, the last first; null: none has. */
  readonly failure: string | null
}

/** A delivery that was given up. */
export interface DeadView {
  readonly endpoint: string
  /** As its receiver knows it: `webhook-id`. */
  readonly id: string
  /** What it was about, such as `system PARTS_LOGISTICS`. */
  readonly subject: string
  readonly queuedAt: string
  readonly givenUpAt: string
  readonly attempts: number
  readonly failure: string
}

export function endpointView(
  { id, partner, url }: Endpoint,
  standing: EndpointStanding | undefined,
  mayRead: boolean,
): EndpointView {
  const { disabledMs = null, deliveredMs = null, oldestMs = null, failure = null } = standing ?? {}
  return {
    id,
    partner,
    receiver: new URL(url).origin,
    state: disabledMs !== null ? 'GONE' : mayRead ? 'ACTIVE' : 'NO_RIGHT',
    waiting: standing?.waiting ?? 0,
    oldestAt: timeOf(oldestMs),
    dead: standing?.dead ?? 0,
    deliveredAt: timeOf(deliveredMs),
    failure,
  }
}

export function deadView(endpoint: string, delivery: DeadDelivery): DeadView {
  const { id, subject, queuedMs, deadMs, attempts, failure } = delivery
  return { endpoint, id, subject, queuedAt: timeOf(queuedMs), givenUpAt: timeOf(deadMs), attempts, failure }
}

function timeOf(ms: number): string
function timeOf(ms: number | null): string | null
function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
