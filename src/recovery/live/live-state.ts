import type { Clock } from '../../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey, type SystemLifecycle } from '../../model/system.ts'
import { lapse, nextLapseMs, suspend } from '../lifecycle/closing.ts'
import type { Rules } from '../lifecycle/rules.ts'
import { type Closing, touchesIntegrity } from '../lifecycle/suspension.ts'
import type { Recovery, RecoveryListener, RecoverySnapshot } from '../recovery.ts'
import type { SuspensionCause, SystemState } from '../system-state.ts'

/**
 * The state that the gate obeys: the fold of the journal, and on top of it what has lapsed by now and what this instance
 * has closed by itself. What is on top only ever closes, and stays until the journal says the same.
 */
export interface LiveState extends Recovery {
  /** The fold of all that has been read of the journal. */
  folded(): RecoverySnapshot
  /** Takes a new fold; in force with the very next `current`. */
  become(folded: RecoverySnapshot): void
  /** Closes a system at once, here; no effect on one that is closed for as good a reason. */
  close(system: SystemKey, closing: LocalClosing): void
  /** What was seen to be wrong and is not in the journal yet: what lapses is not among it. */
  unrecorded(): readonly KeptClosing[]
}

export interface LocalClosing {
  readonly cause: SuspensionCause
  readonly reason: string
  readonly distrustSince?: string | null
  /** When it was seen, and up to which entry the journal was known; left out: now. */
  readonly seen?: { readonly at: string; readonly sequence: number }
}

export interface KeptClosing {
  readonly system: SystemKey
  readonly closing: Closing
  /** The last entry that was folded in when it was seen. */
  readonly sequence: number
}

export interface LiveStateOptions {
  readonly initial: RecoverySnapshot
  readonly rules: Rules
  /** Must not run back. */
  readonly clock: Clock
}

export function createLiveState({ initial, rules, clock }: LiveStateOptions): LiveState {
  const listeners = new Set<RecoveryListener>()
  /** What was seen, and what has lapsed: kept, so that it stays closed whatever a slower instance lets in meanwhile. */
  const seen = new Map<SystemKey, KeptClosing>()
  const lapsed = new Map<SystemKey, KeptClosing>()
  let folded = initial
  let live = initial
  let announced = initial
  let isAnnouncing = false
  let lapsesAtMs = Number.NEGATIVE_INFINITY

  /** Later and once, because `current` is asked in the middle of a read. */
  function announce(): void {
    if (isAnnouncing || announced === live) return
    isAnnouncing = true
    queueMicrotask(() => {
      isAnnouncing = false
      const before = announced
      announced = live
      for (const listener of listeners) listener(before, announced)
    })
  }

  /** With everything that is kept on top of it; what the journal says by now, or has answered, is kept no longer. */
  function closedOn(snapshot: RecoverySnapshot, kept: Map<SystemKey, KeptClosing>): RecoverySnapshot {
    let next = snapshot
    for (const [system, { closing, sequence }] of kept) {
      const closed = wasLeft(folded.state.systems[system], sequence, closing) ? next : suspend(next, system, closing)
      if (closed === next) kept.delete(system)
      next = closed
    }
    return next
  }

  function refresh(nowMs: number): void {
    const closed = closedOn(closedOn(folded, lapsed), seen)
    const next = lapse(closed, nowMs, rules)
    for (const system of SYSTEM_KEYS) {
      const { suspension } = next.state.systems[system]
      if (suspension === closed.state.systems[system].suspension || suspension === null || suspension.recorded) continue
      lapsed.set(system, { system, closing: suspension, sequence: folded.state.head.sequence })
    }
    live = next
    lapsesAtMs = nextLapseMs(live, rules)
    announce()
  }

  function current(): RecoverySnapshot {
    const nowMs = clock.now()
    if (nowMs >= lapsesAtMs) refresh(nowMs)
    return live
  }

  return {
    current,
    folded: () => folded,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    become(next) {
      folded = next
      refresh(clock.now())
    },
    close(system, { cause, reason, distrustSince = null, seen: earlier }) {
      const sequence = earlier?.sequence ?? folded.state.head.sequence
      const at = earlier?.at ?? new Date(clock.now()).toISOString()
      const closing: Closing = { cause, reason, at, distrustSince, recorded: false }
      const before = current()
      if (wasLeft(before.state.systems[system], sequence, closing)) return
      if (suspend(before, system, closing) === before) return
      seen.set(system, { system, closing, sequence })
      refresh(clock.now())
    },
    unrecorded: () => [...seen.values()],
  }
}

/**
 * Whether somebody has led the system out of a suspension after this entry, and so known of it. Where its data is in
 * doubt only the way through quarantine counts, on which everything is shown anew.
 */
function wasLeft({ transitions }: SystemState, sequence: number, closing: Closing): boolean {
  const later = transitions.filter(transition => transition.sequence > sequence)
  return touchesIntegrity(closing)
    ? later.some(({ to }) => SHOWN_ANEW.includes(to))
    : later.some(({ from, to }) => from === 'SUSPENDED' && to !== 'SUSPENDED')
}

const SHOWN_ANEW: readonly SystemLifecycle[] = ['ISOLATED', 'RESTORING', 'QUARANTINED']
