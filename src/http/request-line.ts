import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../observe/log.ts'
import { scrubText } from '../observe/scrub-text.ts'
import { exchangeOf } from './exchange.ts'

/**
 * The one line that every request leaves in the log, whatever becomes of it: what was asked, what was answered, and what
 * the routes say in its audit. Never a header, a query or a body.
 */
export interface RequestLines {
  /** Has the line written when the connection lets go of the answer, unless that has been seen to. */
  follow(request: IncomingMessage, response: ServerResponse): void
  /** Writes it; `answered` is false where the client left before the answer's end. Once for each request. */
  write(response: ServerResponse): void
}

export function createRequestLines(log: Pick<Log, 'prepared'>): RequestLines {
  const text = createTexts()

  function write(response: ServerResponse): void {
    const exchange = exchangeOf(response.req)
    if (exchange.isWritten) return
    exchange.isWritten = true
    log.prepared(membersOf(response), 'request')
  }
  // One for all answers, which it is called on.
  function writeThis(this: ServerResponse): void {
    write(this)
  }

  function membersOf(response: ServerResponse): string {
    const { id, startedMs, audit, route } = exchangeOf(response.req)
    const { method = '' } = response.req
    const durationMs = Math.round((performance.now() - startedMs) * 10) / 10
    const { partner, client, operation, cost, answer, bytes: written, codes } = audit
    const bytes = written ?? Number(response.getHeader('content-length'))
    return (
      `"requestId":"${id}","method":${text(method)},"route":${route === null ? null : text(route)}` +
      `,"status":${response.statusCode},"durationMs":${durationMs},"bytes":${Number.isNaN(bytes) ? null : bytes}` +
      `,"answered":${response.writableFinished}` +
      (partner === null ? '' : `,"partner":${text(partner)}`) +
      (client === null ? '' : `,"client":${text(client)}`) +
      (operation === null ? '' : `,"operation":${text(operation)}`) +
      (cost === null ? '' : `,"cost":${cost}`) +
      (answer === null ? '' : `,"answer":"${answer}"`) +
      (codes.length === 0 ? '' : `,"codes":[${codes.map(text).join()}]`)
    )
  }

  return {
    follow(request, response) {
      const exchange = exchangeOf(request)
      if (exchange.isFollowed) return
      exchange.isFollowed = true
      response.on('close', writeThis)
    },
    write,
  }
}

const MAX_TEXTS = 1_000

/** Words as JSON: the same few partners, clients and operations come again and again. */
function createTexts(): (value: string) => string {
  const known = new Map<string, string>()
  return value => {
    const found = known.get(value)
    if (found !== undefined) return found
    const made = JSON.stringify(scrubText(value.slice(0, 200)))
    if (value.length > 200) return made
    if (known.size === MAX_TEXTS) known.clear()
    known.set(value, made)
    return made
  }
}
