import { readEvents } from './event-stream.ts'
import { nextTryMs, retryAfterMs } from './waits.ts'

/**
 * Follows the gateway's stream of events: when there is something new to ask for, whether the connection stands, and when
 * it was lost. A lost one is sought again: when the gateway says, after longer and longer waits where it says nothing, with
 * chance in them. Never asks for a view itself.
 */
export interface EventsOptions {
  /** Null: the public's stream. */
  readonly token: string | null
  /** `view` with the tag of the public view, or `changed`. */
  readonly onEvent: (event: { readonly name: string; readonly data: string }) => void
  /** The stream has begun. */
  readonly onBegun: () => void
  /** Something came of it, be it that it is there still. */
  readonly onAlive: () => void
  /** There is none, or none any more. */
  readonly onLost: () => void
  /** The token is not accepted any more. */
  readonly onRefused: () => void
}

/** How it went with one stream. */
interface Outcome {
  readonly kind: 'STEADY' | 'FAILED' | 'REFUSED'
  /** The gateway wants nobody back sooner. */
  readonly leastMs: number
}

const URL = '/status/events'
/** So often the gateway says something. What does not live as long has not worked. */
const BEAT_MS = 12_000
const SILENT_MS = 30_000

/** Gives what ends it. */
export function followEvents(options: EventsOptions): () => void {
  const ending = new AbortController()
  void follow(options, ending.signal)
  return () => ending.abort()
}

async function follow(options: EventsOptions, ending: AbortSignal): Promise<void> {
  for (let failed = 0; !ending.aborted; ) {
    const { kind, leastMs } = await followOnce(options, ending)
    if (ending.aborted) return
    if (kind === 'REFUSED') {
      options.onRefused()
      return
    }
    options.onLost()
    failed = kind === 'STEADY' ? 0 : failed + 1
    await pause(nextTryMs(failed, leastMs), ending)
  }
}

async function followOnce(options: EventsOptions, ending: AbortSignal): Promise<Outcome> {
  const { token, onEvent, onBegun, onAlive } = options
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let begunMs = Number.POSITIVE_INFINITY
  let leastMs = 0
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENT_MS)
  }
  alive()
  try {
    const response = await fetch(URL, {
      headers: { accept: 'text/event-stream', ...(token !== null && { authorization: `Bearer ${token}` }) },
      cache: 'no-store',
      signal: AbortSignal.any([ending, silence.signal]),
    })
    const { status, ok, headers, body } = response
    if (token !== null && (status === 401 || status === 403)) return { kind: 'REFUSED', leastMs }
    if (!ok || body === null) {
      await body?.cancel()
      return { kind: 'FAILED', leastMs: retryAfterMs(headers, Date.now()) }
    }
    begunMs = performance.now()
    onBegun()
    const onBytes = () => {
      alive()
      onAlive()
    }
    const onRetry = (ms: number) => {
      leastMs = ms
    }
    for await (const event of readEvents(body, { onBytes, onRetry })) onEvent(event)
  } catch {
    // Cut, silent, or never reached: all the same to the reader.
  } finally {
    clearTimeout(timer)
  }
  return { kind: performance.now() - begunMs >= BEAT_MS ? 'STEADY' : 'FAILED', leastMs }
}

function pause(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    ending.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
