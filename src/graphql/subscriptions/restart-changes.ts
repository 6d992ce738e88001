import { isDeepStrictEqual } from 'node:util'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import { isServed } from '../../recovery/lifecycle/served.ts'
import { type ComponentStatus, componentStatusOf, isReopening } from '../../recovery/reading/component-status.ts'
import type { Evidence } from '../../recovery/reading/evidence.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { RecoveryState, RestartUpdate } from '../../recovery/state.ts'
import type { SystemState } from '../../recovery/system-state.ts'
import { createEventFeed, type EventFeed } from './event-feed.ts'

/** What happens in the restart, as partners may be told of it: worked out once a change, however many follow. */
export type RestartChange = SystemChange | { readonly kind: 'update'; readonly update: RestartUpdate }

/** A system of which somebody may read something else than before; `isSeenBy` says who. */
export interface SystemChange {
  readonly kind: 'system'
  readonly before: SystemState
  readonly system: SystemState
  /** Whether everybody who may read it reads something else. */
  readonly isPublic: boolean
  /** Whether holders of `evidence:read` do. */
  readonly isOfEvidence: boolean
}

/** Gives what `pick` makes of each change from now on, and leaves out what it makes nothing of. */
export type FollowRestart = <T>(pick: (change: RestartChange) => T | null) => AsyncIterableIterator<T>

/** The restart at one time, with what the opening of each system rests on. */
export interface RestartView {
  readonly state: RecoveryState
  readonly evidence: Readonly<Record<SystemKey, readonly Evidence[]>>
}

/** Most changes that wait for one follower to read them. */
const MAX_WAITING = 100

/** Listens to the recovery only while somebody follows. */
export function createRestartChanges(
  recovery: Recovery,
  evidence: (system: SystemKey) => readonly Evidence[],
): FollowRestart {
  const followers = new Set<(change: RestartChange) => void>()
  let stopListening: (() => void) | null = null

  function viewOf(state: RecoveryState): RestartView {
    const pieces = SYSTEM_KEYS.map(key => [key, evidence(key)] as const)
    return { state, evidence: Object.fromEntries(pieces) as RestartView['evidence'] }
  }

  function listen(): () => void {
    let seen = viewOf(recovery.current().state)
    return recovery.onChange((_before, { state }) => {
      const before = seen
      seen = viewOf(state)
      for (const change of changesBetween(before, seen)) for (const follower of followers) follower(change)
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

/** Whether what the change alters is something that this reader may read; `readsEvidence`: it holds `evidence:read`. */
export function isSeenBy(
  { isPublic, isOfEvidence, before, system }: SystemChange,
  { wave, readsEvidence }: { readonly wave: number | null; readonly readsEvidence: boolean },
): boolean {
  return isPublic || (isOfEvidence && readsEvidence) || isServed(before, wave) !== isServed(system, wave)
}

/** Systems in their own order, then updates from the first published on. */
export function changesBetween(before: RestartView, after: RestartView): readonly RestartChange[] {
  const systems = SYSTEM_KEYS.flatMap((key): readonly SystemChange[] => {
    const [was, is] = [before.state.systems[key], after.state.systems[key]]
    const differs = (view: (system: SystemState, evidence: readonly Evidence[]) => object) =>
      !isDeepStrictEqual(view(was, before.evidence[key]), view(is, after.evidence[key]))
    const statusDiffers = plannedStatusOf(was, before.state) !== plannedStatusOf(is, after.state)
    const change = { isPublic: statusDiffers || differs(publicView), isOfEvidence: differs(evidenceView) }
    const isSeen = change.isPublic || change.isOfEvidence || !isDeepStrictEqual(was.waves, is.waves)
    return isSeen ? [{ kind: 'system', before: was, system: is, ...change }] : []
  })
  const published = new Map(before.state.updates.map(update => [update.id, update]))
  const updates = after.state.updates
    .filter(update => !isDeepStrictEqual(published.get(update.id), update))
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1))
  return [...systems, ...updates.map(update => ({ kind: 'update', update }) as const)]
}

/** Its component status, as far as its planned reopenings and its lifecycle make it; its health is told by no event. */
function plannedStatusOf(system: SystemState, { plannedReopenings }: RecoveryState): ComponentStatus {
  const facts = { isDegraded: false, isReopening: isReopening(system, plannedReopenings) }
  return componentStatusOf(system.lifecycle, facts)
}

/** What the schema shows of a system to whoever may read it at all, but for what depends on the reader's wave. */
function publicView(system: SystemState, evidence: readonly Evidence[]): object {
  const { priority, containment, indicators, distrusted, waves, ...known } = system
  const { attestations, transitions, suspension, restoration, ...shown } = known
  return {
    ...shown,
    restoredAt: restoration?.completedAt ?? null,
    recoveryPoint: restoration?.recoveryPoint ?? null,
    evidence: evidence.map(({ kind, outcome, attestedAt }) => ({ kind, outcome, attestedAt })),
  }
}

/** What it shows besides to holders of `evidence:read`. */
function evidenceView({ suspension, transitions }: SystemState, evidence: readonly Evidence[]): object {
  return {
    evidence,
    // Whether the closing's own entry has been written is shown to nobody.
    suspension: suspension && { ...suspension, recorded: null },
    lastTransition: transitions.at(-1) ?? null,
  }
}
