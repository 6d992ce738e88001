import type { ServerResponse } from 'node:http'
import { type Return, retryAfterSeconds } from '../../admission/retry-after.ts'
import type { StreamEnd } from '../../graphql/subscriptions/event-stream.ts'
import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import type { Viewer } from '../../model/viewer.ts'
import type { Log } from '../../observe/log.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { RecoveryState } from '../../recovery/state.ts'
import type { StreamAudit } from '../audit.ts'
import type { StatusDocuments } from './status-documents.ts'
import { openStatusStream, type StatusStream } from './status-stream.ts'

/**
 * Tells open pages that there is something new to ask for: the public of a new public view, a reader with a token of any
 * change that partners may read of. What is new is worked out once, however many follow. Called by the status routes.
 */
export interface StatusEvents {
  /** Resolves when the connection is closed. @throws GatewayError OVERLOADED, and then nothing has begun */
  followPublic(begin: BeginStream): Promise<void>
  follow(begin: BeginStream, reader: StatusReader): Promise<void>
  /** Ends every stream. */
  stop(): void
}

/** Takes the answer over, once it is sure that there will be a stream. */
export type BeginStream = () => { readonly response: ServerResponse; readonly audit: StreamAudit }

export interface StatusReader {
  readonly viewer: Viewer
  /** When its token stops being accepted, in milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
}

export interface StatusEventsOptions {
  readonly documents: StatusDocuments
  readonly recovery: Recovery
  /** Whether the viewer still has the rights that it was let in with. */
  readonly isCurrent: (viewer: Viewer) => boolean
  /** Most streams without a token that are open at once. */
  readonly maxPublic: number
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  /** Default 12 s. */
  readonly beatMs?: number
}

interface Seen {
  readonly state: RecoveryState
  readonly etag: string
  readonly degraded: string
}

const BEAT_MS = 12_000
/** What happens within it is told once. */
const GATHER_MS = 200
/** Where there is no place for one more stream: the page asks for the view from time to time instead. */
const RETURN: Return = { leastSeconds: 30, spreadSeconds: 60 }
/** Pages that have lost their instance together are not to come back together. */
const RECONNECT: Return = { leastSeconds: 2, spreadSeconds: 6 }
/** Then a stream without a token ends, so that pages do not stay for days on the instance that was up first after a restart. */
const LIFE: Return = { leastSeconds: 600, spreadSeconds: 300 }
/** Those whose stream has ended for its age come each at its own time already. */
const RENEW_MS = 500

export function createStatusEvents(options: StatusEventsOptions): StatusEvents {
  const { documents, recovery, isCurrent, maxPublic, clock, log, beatMs = BEAT_MS } = options
  /** With the time at which each is too old, in milliseconds since the Unix epoch. */
  const publicStreams = new Map<StatusStream, number>()
  const readers = new Map<StatusStream, StatusReader>()
  let isStopping = false
  /** What those who follow were told last; of no account while nobody does. */
  let told: Seen | null = null
  let gathering: NodeJS.Timeout | undefined
  let beating: NodeJS.Timeout | undefined

  function seen(): Seen {
    const { viewJson, degraded } = documents.current()
    return { state: recovery.current().state, etag: viewJson.answer.etag, degraded }
  }

  function endOverdue(): void {
    for (const [stream, endsAtMs] of publicStreams) {
      if (clock.now() >= endsAtMs) stream.end('TOO_OLD', RENEW_MS)
    }
    for (const [stream, { viewer, expiresAtMs }] of readers) {
      if (clock.now() >= expiresAtMs) stream.end('TOKEN_EXPIRED')
      else if (!isCurrent(viewer)) stream.end('RIGHTS_CHANGED')
    }
  }

  function tell(): void {
    const before = told
    endOverdue()
    try {
      told = seen()
    } catch (error) {
      // Nobody is told anything from here on: whoever follows is to notice, and to ask anew.
      log.error({ error }, 'what is public of the restart cannot be made')
      endAll('FAILED')
      return
    }
    if (before === null || before.degraded !== told.degraded || isReadDifferently(before.state, told.state))
      for (const stream of readers.keys()) stream.send('changed', '{}')
    if (before?.etag !== told.etag) for (const stream of publicStreams.keys()) stream.send('view', told.etag)
  }

  function endAll(why: StreamEnd): void {
    for (const stream of [...publicStreams.keys(), ...readers.keys()]) stream.end(why)
  }

  const stopListening = recovery.onChange(() => {
    // A right that has ended ends what it allowed at once.
    endOverdue()
    if (publicStreams.size + readers.size === 0) return
    gathering ??= setTimeout(() => {
      gathering = undefined
      tell()
    }, GATHER_MS).unref()
  })

  function beat(): void {
    tell()
    for (const stream of publicStreams.keys()) stream.beat()
    for (const stream of readers.keys()) stream.beat()
  }

  async function keep(begin: BeginStream, reader: StatusReader | null): Promise<void> {
    // What has changed while nobody followed is news to nobody.
    const now = seen()
    if (publicStreams.size + readers.size === 0) told = now
    const { response, audit } = begin()
    const stream = openStatusStream(response, audit, retryAfterSeconds(RECONNECT) * 1_000)
    if (reader === null) publicStreams.set(stream, clock.now() + retryAfterSeconds(LIFE) * 1_000)
    else readers.set(stream, reader)
    beating ??= setInterval(beat, beatMs).unref()
    if (reader === null) stream.send('view', now.etag)
    if (isStopping) stream.end('SHUTTING_DOWN')
    await stream.closed
    publicStreams.delete(stream)
    readers.delete(stream)
    if (publicStreams.size + readers.size > 0) return
    clearInterval(beating)
    beating = undefined
  }

  return {
    async followPublic(begin) {
      const streams = publicStreams.size
      if (streams >= maxPublic)
        throw new GatewayError('OVERLOADED', 'No more streams can be open here. Ask for the view from time to time.', {
          details: { retryAfterSeconds: retryAfterSeconds(RETURN) },
        })
      await keep(begin, null)
    },
    follow: keep,
    stop() {
      isStopping = true
      stopListening()
      clearTimeout(gathering)
      endAll('SHUTTING_DOWN')
    },
  }
}

/** Whether somebody who reads the restart may read something else: partners' rights alone are nobody else's business. */
function isReadDifferently(before: RecoveryState, after: RecoveryState): boolean {
  return before.updatedAt !== after.updatedAt || before.systems !== after.systems
}
