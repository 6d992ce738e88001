import type { Clock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { lapse, nextLapseMs, suspend } from './lifecycle/closing.ts'
import type { Rules } from './lifecycle/rules.ts'
import type { Recovery, RecoveryListener, RecoverySnapshot, Suspension, SuspensionCause, SystemState } from './state.ts'

/**
 * The state that the gate obeys: the fold of the journal, and on top of it what has lapsed by now and what this instance
 * has closed by itself. What is on top only ever closes, and stays until the journal says the same.
 */
export interface LiveState extends Recovery {
  /** The fold of all that has been read of the journal. */
  folded(): RecoverySnapshot
  /** Takes a new fold; in force with the very next `current`. */
  become(folded: RecoverySnapshot): void
  /** Closes a system at once, here; no effect on one that is not open. */
  close(system: SystemKey, closing: LocalClosing): void
}

export interface LocalClosing {
  readonly cause: SuspensionCause
  readonly reason: string
  readonly distrustSince?: string
}

export interface LiveStateOptions {
  readonly initial: RecoverySnapshot
  readonly rules: Rules
  /** Must not run back. */
  readonly clock: Clock
}

export function createLiveState({ initial, rules, clock }: LiveStateOptions): LiveState {
  const listeners = new Set<RecoveryListener>()
  const closings = new Map<SystemKey, { readonly suspension: Suspension; readonly sequence: number }>()
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

  function keep(system: SystemKey, suspension: Suspension): void {
    const sequence = closings.get(system)?.sequence ?? folded.state.head.sequence
    closings.set(system, { suspension, sequence })
  }

  function refresh(nowMs: number): void {
    let next = folded
    for (const [system, { suspension, sequence }] of closings) {
      const closed = wasLeft(folded.state.systems[system], sequence) ? next : suspend(next, system, suspension)
      // The journal says the same by now, or the system is not in a state in which it could be open.
      if (closed === next) closings.delete(system)
      next = closed
    }
    const lapsed = lapse(next, nowMs, rules)
    for (const system of SYSTEM_KEYS) {
      const { suspension } = lapsed.state.systems[system]
      // Kept: what has lapsed here stays closed, whatever another instance with a slower clock lets in meanwhile.
      if (suspension !== null && !suspension.recorded) keep(system, suspension)
    }
    live = lapsed
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
    close(system, { cause, reason, distrustSince }) {
      const { lifecycle, suspension } = current().state.systems[system]
      if (suspension !== null) return
      const at = new Date(clock.now()).toISOString()
      keep(system, { cause, reason, at, from: lifecycle, distrustSince: distrustSince ?? null, recorded: false })
      refresh(clock.now())
    },
  }
}

/** Whether somebody has led the system out of a suspension after this entry, and so known of it. */
function wasLeft({ transitions }: SystemState, sequence: number): boolean {
  return transitions.some(transition => transition.sequence > sequence && transition.from === 'SUSPENDED')
}
