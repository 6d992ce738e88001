import { readEvents } from './event-stream.ts'

/**
 * Follows the gateway's stream of events: when there is something new to ask for, whether the connection stands, and when
 * it was lost. A lost one is sought again, after longer and longer waits with a share of chance in them. Never asks for
 * a view itself.
 */
export interface EventsOptions {
  /** Null: the public's stream. */
  readonly token: string | null
  /** `view` with the tag of the public view, or `changed`. */
  readonly onEvent: (event: { readonly name: string; readonly data: string }) => void
  /** The stream has begun, or something came of it. */
  readonly onAlive: () => void
  readonly onLost: () => void
  /** The token is not accepted any more. */
  readonly onRefused: () => void
}

const URL = '/status/events'
/** The gateway says something every 12 seconds. */
const SILENT_MS = 30_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/** Gives what ends it. */
export function followEvents(options: EventsOptions): () => void {
  const ending = new AbortController()
  void follow(options, ending.signal)
  return () => ending.abort()
}

async function follow(options: EventsOptions, ending: AbortSignal): Promise<void> {
  for (let lost = 0; !ending.aborted; ) {
    const outcome = await followOnce(options, ending)
    if (ending.aborted) return
    if (outcome === 'REFUSED') {
      options.onRefused()
      return
    }
    options.onLost()
    lost = outcome === 'BROKEN' ? 0 : lost + 1
    await pause(waitMs(lost), ending)
  }
}

/** BROKEN: it had begun. */
async function followOnce(options: EventsOptions, ending: AbortSignal): Promise<'BROKEN' | 'FAILED' | 'REFUSED'> {
  const { token, onEvent, onAlive } = options
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENT_MS)
  let hasBegun = false
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENT_MS)
    hasBegun = true
    onAlive()
  }
  try {
    const response = await fetch(URL, {
      headers: { accept: 'text/event-stream', ...(token !== null && { authorization: `Bearer ${token}` }) },
      cache: 'no-store',
      signal: AbortSignal.any([ending, silence.signal]),
    })
    if (token !== null && (response.status === 401 || response.status === 403)) return 'REFUSED'
    if (!response.ok || response.body === null) return 'FAILED'
    alive()
    for await (const event of readEvents(response.body, alive)) onEvent(event)
  } catch {
    // Cut, silent, or never reached: all the same to the reader.
  } finally {
    clearTimeout(timer)
  }
  return hasBegun ? 'BROKEN' : 'FAILED'
}

function waitMs(lost: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** lost)
  return longest * (0.5 + Math.random() / 2)
}

function pause(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    ending.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
