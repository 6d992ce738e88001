import { setTimeout } from 'node:timers/promises'
import { type Held, heldBy } from './process-course.ts'
import type { SoakFault } from './soak-faults.ts'
import type { SoakAnswer, SoakQuestion } from './soak-questions.ts'
import type { SoakSite } from './soak-site.ts'

/**
 * What was asked, what was broken meanwhile, and what the processes held and showed: by it is judged whether an answer was
 * the right one for its moment.
 */
export interface SoakRecord {
  readonly asked: Asked[]
  readonly happened: readonly Happened[]
  /** Of each process that has served, by its number. */
  readonly held: ReadonlyMap<number, readonly Looked[]>
  /** Breaks something, for so long. */
  happen(fault: SoakFault, durationMs: number): Promise<void>
  /** Looks at the processes. */
  look(): Promise<void>
  /** A fault that can cost it, and codes that it can cost; or a breaker that one has left open. */
  isRightRefusal(one: Asked): boolean
  /** Answered although it was closed: asked when everybody knew, and answered before it was opened. */
  isServedClosed(one: Asked): boolean
}

export interface Asked extends SoakAnswer {
  readonly question: SoakQuestion
  readonly fromMs: number
  readonly toMs: number
}

export interface Looked extends Held {
  /** What the last full collection of garbage left of its heap, as it says itself; null: there was none yet. */
  readonly leftMiB: number | null
}

interface Happened {
  readonly fault: SoakFault
  readonly beginMs: number
  /** From when on it held, when its end was begun, and from when on it was over. */
  begunMs: number
  endMs: number
  endedMs: number
}

/** What a fault costs is over so long after its end. */
export const SETTLE_MS = 10_000
/** What is closed is closed everywhere so soon. */
const CLOSED_WITHIN_MS = 1_000
export const LOOK_MS = 1_000
const HEAP_LEFT = /^recovery_gateway_memory_heap_left_bytes (\d+)/m
const MIB = 1_048_576
const OPEN_BREAKERS = /^recovery_gateway_system_breaker_open\{system="(\w+)"\} 1$/gm

export function createSoakRecord({ gateways }: SoakSite): SoakRecord {
  const happened: Happened[] = []
  const held = new Map<number, Looked[]>()
  /** Systems whose breaker was open in a process. */
  const breakers: { readonly atMs: number; readonly open: ReadonlySet<string> }[] = []

  const concerns = ({ costs }: SoakFault, { system, partner }: SoakQuestion): boolean =>
    costs !== undefined && ('system' in costs ? costs.system === system : costs.partner === partner)

  return {
    asked: [],
    happened,
    held,
    async happen(fault, durationMs) {
      const one = { fault, beginMs: performance.now(), begunMs: Infinity, endMs: Infinity, endedMs: Infinity }
      happened.push(one)
      await fault.begin()
      one.begunMs = performance.now()
      await setTimeout(durationMs)
      one.endMs = performance.now()
      await fault.end()
      one.endedMs = performance.now()
    },
    async look() {
      const open = new Set<string>()
      for (const { admin, child } of gateways) {
        // One that was killed shows nothing.
        const metrics = await fetch(`${admin}/metrics`, { signal: AbortSignal.timeout(LOOK_MS) })
          .then(answer => answer.text())
          .catch(() => '')
        const now = await heldBy(child.pid)
        if (now !== null && child.pid !== undefined) {
          const known = held.get(child.pid) ?? []
          const left = HEAP_LEFT.exec(metrics)
          known.push({ ...now, leftMiB: left && Number(left[1]) / MIB })
          held.set(child.pid, known)
        }
        for (const [, system = ''] of metrics.matchAll(OPEN_BREAKERS)) open.add(system)
      }
      breakers.push({ atMs: performance.now(), open })
    },
    isRightRefusal({ code, question, fromMs, toMs }) {
      const isCost = ({ fault, beginMs, endedMs }: Happened) =>
        concerns(fault, question) &&
        fault.codes.includes(code ?? '') &&
        toMs >= beginMs &&
        fromMs <= endedMs + SETTLE_MS
      const isLeftOpen = ({ atMs, open }: (typeof breakers)[number]) =>
        open.has(question.system) && atMs >= fromMs - 2 * LOOK_MS && atMs <= toMs + 2 * LOOK_MS
      return happened.some(isCost) || (code === 'SYSTEM_UNAVAILABLE' && breakers.some(isLeftOpen))
    },
    isServedClosed({ kind, question, fromMs, toMs }) {
      const isWithin = ({ fault, begunMs, endMs }: Happened) =>
        fault.isClosure === true && concerns(fault, question) && fromMs > begunMs + CLOSED_WITHIN_MS && toMs < endMs
      return kind === 'RIGHT' && happened.some(isWithin)
    },
  }
}
