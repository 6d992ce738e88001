import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../observe/log.ts'
import { scrubText } from '../observe/scrub-text.ts'
import type { Audit } from './audit.ts'
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
  const what = createWhat(text)
  const who = createWho(text)

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
    const { bytes: written, codes } = audit
    const durationMs = Math.round((performance.now() - startedMs) * 10) / 10
    const bytes = written ?? Number(response.getHeader('content-length'))
    return (
      `"requestId":"${id}",${what(response.req.method ?? '', route, response.statusCode)}"durationMs":${durationMs}` +
      `,"bytes":${Number.isNaN(bytes) ? null : bytes}${who(audit, response.writableFinished)}` +
      (audit.cost === null ? '' : `,"cost":${audit.cost}`) +
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

type Text = (value: string) => string

/** The members that are the same for nearly all requests, as one text: many short ones are dear to put together. */
function createWhat(text: Text) {
  let last = { method: '', route: null as string | null, status: 0, made: '' }
  return (method: string, route: string | null, status: number): string => {
    if (last.method !== method || last.route !== route || last.status !== status) {
      const made = `"method":${text(method)},"route":${route === null ? null : text(route)},"status":${status},`
      last = { method, route, status, made }
    }
    return last.made
  }
}

/** The members that a client's requests have in common, as one text. */
function createWho(text: Text) {
  const known = new Map<
    string | null,
    Pick<Audit, 'partner' | 'operation' | 'answer'> & { answered: boolean; made: string }
  >()
  return ({ partner, client, operation, answer }: Audit, answered: boolean): string => {
    const last = known.get(client)
    if (
      last?.partner === partner &&
      last.operation === operation &&
      last.answer === answer &&
      last.answered === answered
    )
      return last.made
    const made =
      `,"answered":${answered}` +
      (partner === null ? '' : `,"partner":${text(partner)}`) +
      (client === null ? '' : `,"client":${text(client)}`) +
      (operation === null ? '' : `,"operation":${text(operation)}`) +
      (answer === null ? '' : `,"answer":"${answer}"`)
    if (known.size === MAX_TEXTS) known.clear()
    known.set(client, { partner, operation, answer, answered, made })
    return made
  }
}

/** Of each kind: more than there are clients, so that those of a large site do not push each other out. */
const MAX_TEXTS = 20_000

/** Words as JSON: the same few partners, clients and operations come again and again. */
function createTexts(): Text {
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
