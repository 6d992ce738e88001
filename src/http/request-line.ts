import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Waiting } from '../observe/committed-lines.ts'
import type { AccessLog } from './access-log.ts'
import { outcomeOf } from './access-outcome.ts'
import type { TellAnswer } from './access-response.ts'
import type { Audit } from './audit.ts'
import { exchangeOf } from './exchange.ts'
import { createTexts, type Text } from './name-texts.ts'

/**
 * The line that every request has in the access log, whatever becomes of it: what was asked, what was answered, and what
 * the routes say in its audit. A stream has two: where it begins and where it has ended. Never a header, a query or a body.
 */
export interface RequestLines {
  /** Writes the line of an answer that is about to leave, once. */
  readonly tell: TellAnswer
  /** Writes what is not told when the connection lets go of an answer: the client left before it, or a stream has ended. */
  close(response: ServerResponse): void
  /** Has it closed in time, unless that has been seen to. */
  follow(request: IncomingMessage, response: ServerResponse): void
  /** Writes, at once, the line of what is refused on the bare socket; so that nothing waits on a broken connection. */
  refuse(refusal: BareRefusal, waiting: Waiting): void
  /** Has what waits written now, and let go. */
  flush(): void
}

export interface BareRefusal {
  readonly requestId: string
  readonly status: number
  readonly code: string
  /** By what Node knew it. */
  readonly reason: string
  /** False: nothing can be said on this socket. */
  readonly isAnswered: boolean
  /** Null: it broke before it was a request. */
  readonly broken: ServerResponse | null
}

export function createRequestLines(accessLog: AccessLog): RequestLines {
  const text = createTexts()
  const what = createWhat(text)
  const who = createWho(text)

  function membersOf(response: ServerResponse, isAnswered: boolean, stream: string): string {
    const { id, startedMs, audit, route } = exchangeOf(response.req)
    const { statusCode: status } = response
    const durationMs = Math.round((performance.now() - startedMs) * 10) / 10
    return (
      `"requestId":"${id}",${what(response.req.method ?? '', route, status)}"durationMs":${durationMs}` +
      `,"bytes":${bytesOf(response, audit)}${who(audit)}${outcome(response, audit, isAnswered)}${stream}` +
      (audit.codes.length === 0 ? '' : failures(audit))
    )
  }

  function outcome(response: ServerResponse, audit: Audit, isAnswered: boolean): string {
    const { decision, origin } = outcomeOf(audit, response.statusCode, isAnswered)
    const { cost, answer } = audit
    return (
      `,"answered":${isAnswered},"decision":"${decision}","origin":${origin === null ? null : `"${origin}"`}` +
      (answer === null ? '' : `,"answer":"${answer}"`) +
      (cost === null ? '' : `,"cost":${cost}`) +
      (decision === 'REFUSED' || decision === 'LEFT' ? '' : freshness(response, audit)) +
      (origin === 'LAST_KNOWN_GOOD' ? `,"lastKnownGood":[${[...audit.lastKnown.keys()].map(text).join()}]` : '')
    )
  }

  function failures({ codes, refusals }: Audit): string {
    const refused = refusals.map(
      ({ system, code, state }) =>
        `{"system":${text(system)},"code":${text(code)},"state":${state === null ? null : text(state)}}`,
    )
    return `,"codes":[${codes.map(text).join()}]${refused.length === 0 ? '' : `,"refused":[${refused.join()}]`}`
  }

  function streamMembers(audit: Audit, isOver: boolean): string {
    if (audit.stream === null) return ''
    const { events, why } = audit.stream
    return isOver ? `,"stream":"ENDED","events":${events},"why":${text(why ?? 'CLIENT_LEFT')}` : ',"stream":"BEGAN"'
  }

  function close(response: ServerResponse): void {
    const exchange = exchangeOf(response.req)
    const { told, audit } = exchange
    if (told === 'ALL') return
    exchange.told = 'ALL'
    const isAnswered = told === 'BEGINNING'
    accessLog.write(membersOf(response, isAnswered, isAnswered ? streamMembers(audit, true) : ''), null)
  }
  // One for all answers, which it is called on.
  function closeThis(this: ServerResponse): void {
    close(this)
  }

  return {
    tell(response, isEnding, waiting) {
      const exchange = exchangeOf(response.req)
      const { told, audit } = exchange
      if (told === 'ALL' || (told === 'BEGINNING' && !isEnding)) return false
      exchange.told = isEnding || audit.stream === null ? 'ALL' : 'BEGINNING'
      accessLog.write(membersOf(response, true, streamMembers(audit, isEnding)), waiting)
      return true
    },
    close,
    follow(request, response) {
      const exchange = exchangeOf(request)
      if (exchange.isFollowed) return
      exchange.isFollowed = true
      response.on('close', closeThis)
    },
    refuse({ requestId, status, code, reason, isAnswered, broken }, waiting) {
      let members =
        `"requestId":"${requestId}","method":null,"route":null,"status":${status},"durationMs":0,"bytes":null` +
        `,"answered":${isAnswered},"decision":"REFUSED","origin":null,"codes":[${text(code)}]`
      if (broken !== null) {
        const exchange = exchangeOf(broken.req)
        exchange.told = 'ALL'
        exchange.audit.codes = [code]
        members = membersOf(broken, isAnswered, '')
      }
      accessLog.write(`${members},"reason":${text(reason)}`, waiting)
      // The socket must not break a second time before it is answered.
      accessLog.flush()
    },
    flush: accessLog.flush,
  }
}

function bytesOf(response: ServerResponse, audit: Audit): number | null {
  const bytes = audit.bytes ?? Number(response.getHeader('content-length'))
  return Number.isNaN(bytes) ? null : bytes
}

/** Where its sender said nothing: of an answer that went through the framework, as its headers have it. */
function freshness(response: ServerResponse, { ageSeconds, maxAgeSeconds, lastKnown }: Audit): string {
  if (lastKnown.size > 0) {
    const oldestMs = Math.min(...lastKnown.values())
    return `,"ageSeconds":${Math.ceil((Date.now() - oldestMs) / 1_000)},"maxAgeSeconds":null`
  }
  if (maxAgeSeconds !== null) return `,"ageSeconds":${ageSeconds},"maxAgeSeconds":${maxAgeSeconds}`
  const maxAge = MAX_AGE.exec(String(response.getHeader('cache-control')))?.[1]
  return maxAge === undefined ? '' : `,"ageSeconds":${Number(response.getHeader('age') ?? 0)},"maxAgeSeconds":${maxAge}`
}

const MAX_AGE = /\bmax-age=(\d{1,9})\b/

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
  const known = new Map<string | null, Pick<Audit, 'partner' | 'operation' | 'systems'> & { readonly made: string }>()
  return ({ partner, client, operation, systems }: Audit): string => {
    const last = known.get(client)
    if (last?.partner === partner && last.operation === operation && last.systems === systems) return last.made
    const made =
      (partner === null ? '' : `,"partner":${text(partner)}`) +
      (client === null ? '' : `,"client":${text(client)}`) +
      (operation === null ? '' : `,"operation":${text(operation)}`) +
      (systems.size === 0 ? '' : `,"systems":[${[...systems].map(text).join()}]`)
    if (known.size === MAX_CLIENTS) known.clear()
    known.set(client, { partner, operation, systems, made })
    return made
  }
}

/** More than there are clients, so that those of a large site do not push each other out. */
const MAX_CLIENTS = 20_000
