import type { ServerResponse } from 'node:http'
import type { StreamEnd } from '../../graphql/subscriptions/event-stream.ts'
import type { StreamAudit } from '../audit.ts'
import { closeOf, cutAfter, EVENT_STREAM_HEADERS } from '../event-sender.ts'

/**
 * One open stream of events about the status, as server-sent events. Its events only say that there is something new to
 * ask for. Opened by `status-events.ts`; knows neither who reads it nor why.
 */
export interface StatusStream {
  send(event: 'view' | 'changed', data: string): void
  /** A comment, by which both ends notice that the other is gone. */
  beat(): void
  /**
   * No effect on one that has ended.
   * @param retryMs after how long to ask for the next one, where it is not what was said at the begin
   */
  end(why: StreamEnd, retryMs?: number): void
  readonly closed: Promise<void>
}

/** More than this waits for the client only where it takes nothing. */
const MAX_WAITING_BYTES = 4_096
/** Time for the end of a stream to arrive; then its connection is cut. */
const LINGER_MS = 2_000

/** @param retryMs after how long a browser asks for the stream again when it is lost */
export function openStatusStream(response: ServerResponse, audit: StreamAudit, retryMs: number): StatusStream {
  let isOver = false
  const closed = closeOf(response)
  void closed.then(() => end('CLIENT_LEFT'))

  function end(why: StreamEnd, retryAgainMs?: number): void {
    if (isOver) return
    if (retryAgainMs !== undefined) write(retry(retryAgainMs))
    // It may have been too slow even for that.
    if (isOver) return
    isOver = true
    audit.why = why
    // What it has not taken so far, a client that is too slow would not take now.
    if (why === 'TOO_SLOW') response.destroy()
    else {
      response.end()
      cutAfter(LINGER_MS, response)
    }
  }

  function write(text: string): boolean {
    if (isOver) return false
    response.write(text)
    if (response.writableLength <= MAX_WAITING_BYTES) return true
    end('TOO_SLOW')
    return false
  }

  response.writeHead(200, EVENT_STREAM_HEADERS)
  write(retry(retryMs))
  return {
    closed,
    end,
    beat: () => void write(':\n\n'),
    send(event, data) {
      if (write(`event: ${event}\ndata: ${data}\n\n`)) audit.events++
    },
  }
}

const retry = (ms: number): string => `retry: ${ms}\n\n`
