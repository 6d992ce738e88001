import { NotAnswered } from './refusals.ts'
import { nextAskMs, nextTryMs, spreadMs } from './waits.ts'

/**
 * Keeps what a page shows up with the gateway: while a stream stands it asks when it is told to, without one from time to
 * time, and where it got no answer again, after longer and longer waits. One question at a time. Driven by
 * `use-status.ts`; knows neither what is asked nor who reads.
 */
export interface CatchUp {
  /** A stream has begun: whatever happened until then was told to nobody. */
  begun(): void
  /** There is something new. */
  news(): void
  /** What is shown is what the gateway has. */
  current(): void
  /** There is no stream, or none any more. */
  lost(): void
  /** Whether a stream stands, and everything that it told of is shown. */
  isLive(): boolean
  stop(): void
}

export interface CatchUpOptions {
  /** Whether there is something to ask for from the start. */
  readonly isBehind: boolean
  /** Asks, and shows what comes; rejects where nothing does. The signal is aborted where that takes too long. */
  readonly ask: (patience: AbortSignal) => Promise<void>
  readonly onConnection: (connection: 'LIVE' | 'ASKING' | 'LOST') => void
}

/** What is asked once the stream stands needs not be asked again for what happened before; a slow one is not waited for. */
const HEAD_START_MS = 300
/** Then a question is given up that has neither an answer nor an end. */
const PATIENCE_MS = 20_000

export function createCatchUp({ isBehind: isBehindAtStart, ask, onConnection }: CatchUpOptions): CatchUp {
  let isBehind = isBehindAtStart
  let hasStream = false
  let isAsking = false
  let isFirst = isBehindAtStart
  let isOver = false
  /** So many questions in a row. */
  let failed = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueMs = Number.POSITIVE_INFINITY

  /** The sooner of two plans counts; what a question under way leaves to ask is planned when it is over. */
  function plan(ms: number): void {
    const at = performance.now() + ms
    if (isOver || isAsking || at >= dueMs) return
    clearTimeout(timer)
    dueMs = at
    timer = setTimeout(() => void run(), ms)
  }

  function cancel(): void {
    clearTimeout(timer)
    dueMs = Number.POSITIVE_INFINITY
  }

  async function run(): Promise<void> {
    dueMs = Number.POSITIVE_INFINITY
    isAsking = true
    isBehind = false
    isFirst = false
    let leastMs = 0
    const patience = new AbortController()
    const impatient = setTimeout(() => patience.abort(), PATIENCE_MS)
    try {
      await ask(patience.signal)
      failed = 0
    } catch (thrown) {
      isBehind = true
      failed++
      if (thrown instanceof NotAnswered) leastMs = thrown.retryAfterMs
    }
    clearTimeout(impatient)
    isAsking = false
    if (isOver) return
    if (failed > 0) {
      onConnection('LOST')
      plan(nextTryMs(failed - 1, leastMs))
      return
    }
    onConnection(hasStream ? 'LIVE' : 'ASKING')
    if (isBehind) plan(spreadMs())
    else if (!hasStream) plan(nextAskMs())
  }

  if (isBehindAtStart) plan(HEAD_START_MS)
  return {
    begun() {
      hasStream = true
      isBehind = true
      plan(isFirst ? 0 : spreadMs())
    },
    news() {
      isBehind = true
      plan(spreadMs())
    },
    current() {
      if (isAsking) return
      isBehind = false
      failed = 0
      cancel()
      onConnection('LIVE')
    },
    lost() {
      const wasStanding = hasStream
      hasStream = false
      isBehind = true
      if (wasStanding) onConnection('ASKING')
      // Where one stream after the other is refused, it has been planned already when to ask.
      if (wasStanding || dueMs === Number.POSITIVE_INFINITY) plan(spreadMs())
    },
    isLive: () => hasStream && !isBehind,
    stop() {
      isOver = true
      cancel()
    },
  }
}
