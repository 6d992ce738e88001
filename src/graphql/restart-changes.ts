import { isDeepStrictEqual } from 'node:util'
import { SYSTEM_KEYS } from '../model/system.ts'
import type { Recovery, RecoveryState, RestartUpdate, SystemState } from '../recovery/state.ts'
import { createEventFeed, type EventFeed } from './event-feed.ts'

/** What happens in the restart, as partners may be told of it: worked out once a change, however many follow. */
export type RestartChange =
  | { readonly kind: 'system'; readonly system: SystemState }
  | { readonly kind: 'update'; readonly update: RestartUpdate }

/** Gives what `pick` makes of each change from now on, and leaves out what it makes nothing of. */
export type FollowRestart = <T>(pick: (change: RestartChange) => T | null) => AsyncIterableIterator<T>

/** Most changes that wait for one follower to read them. */
const MAX_WAITING = 100

/** Listens to the recovery only while somebody follows. */
export function createRestartChanges(recovery: Recovery): FollowRestart {
  const followers = new Set<(change: RestartChange) => void>()
  let stopListening: (() => void) | null = null

  function listen(): () => void {
    return recovery.onChange((before, after) => {
      for (const change of changesBetween(before.state, after.state)) for (const follower of followers) follower(change)
    })
  }

  return <T>(pick: (change: RestartChange) => T | null) => {
    const follower = (change: RestartChange) => {
      const event = pick(change)
      if (event !== null) feed.push(event)
    }
    const feed: EventFeed<T> = createEventFeed({
      max: MAX_WAITING,
      onEnd() {
        followers.delete(follower)
        if (followers.size > 0) return
        stopListening?.()
        stopListening = null
      },
    })
    followers.add(follower)
    stopListening ??= listen()
    return feed.events
  }
}

/** Systems in their own order, then updates from the first published on. */
export function changesBetween(before: RecoveryState, after: RecoveryState): readonly RestartChange[] {
  const systems = SYSTEM_KEYS.map(key => after.systems[key]).filter(system => {
    const known = before.systems[system.key]
    return known !== system && !isDeepStrictEqual(visibleOf(known), visibleOf(system))
  })
  const published = new Map(before.updates.map(update => [update.id, update]))
  const updates = after.updates
    .filter(update => !isDeepStrictEqual(published.get(update.id), update))
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1))
  return [
    ...systems.map(system => ({ kind: 'system', system }) as const),
    ...updates.map(update => ({ kind: 'update', update }) as const),
  ]
}

/** A system without what its type in the schema does not show. */
function visibleOf(system: SystemState): object {
  const { priority, containment, indicators, distrusted, suspension, ...visible } = system
  return { ...visible, suspension: suspension && { ...suspension, recorded: null } }
}
