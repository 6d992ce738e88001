import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../observe/log.ts'
import { scrubText } from '../observe/scrub-text.ts'
import { createAudit } from './audit.ts'

/**
 * The one line that every request leaves in the log, whatever becomes of it: what was asked, what was answered, and what
 * the routes say in `request.audit`. Never a header, a query or a body. Registered by the partner server for each request.
 */

/** Written when the connection lets go of the answer; `answered` is false where the client left before its end. */
export function createRequestLines(log: Pick<Log, 'prepared'>, isRoute: (path: string) => boolean) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const startedMs = performance.now()
    request.audit = createAudit()
    reply.raw.on('close', () => log.prepared(members(request, reply, startedMs), 'request'))
  }

  function members(request: FastifyRequest, reply: FastifyReply, startedMs: number): string {
    const { raw } = reply
    const durationMs = Math.round((performance.now() - startedMs) * 10) / 10
    const { partner, client, operation, cost, answer, bytes: written, codes } = request.audit
    const bytes = written ?? Number(reply.getHeader('content-length'))
    return (
      `"requestId":"${request.id}","method":"${request.method}","route":${routeOf(request)}` +
      `,"status":${raw.statusCode},"durationMs":${durationMs},"bytes":${Number.isNaN(bytes) ? null : bytes}` +
      `,"answered":${raw.writableFinished}` +
      (partner === null ? '' : `,"partner":${text(partner)}`) +
      (client === null ? '' : `,"client":${text(client)}`) +
      (operation === null ? '' : `,"operation":${text(operation)}`) +
      (cost === null ? '' : `,"cost":${cost}`) +
      (answer === null ? '' : `,"answer":"${answer}"`) +
      (codes.length === 0 ? '' : `,"codes":[${codes.map(text).join()}]`)
    )
  }

  /** As it was registered. Fastify's own answer is made anew for each question, and most routes are their own path. */
  function routeOf(request: FastifyRequest): string {
    if (request.is404) return 'null'
    const path = pathOf(request.url)
    return isRoute(path) ? `"${path}"` : text(request.routeOptions.url ?? '')
  }
}

export function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

/** What needs no escape in JSON and can be no secret that `scrubText` knows: names, identifiers, paths. */
const PLAIN = /^[A-Za-z0-9_/:-]{1,100}$/

function text(value: string): string {
  return PLAIN.test(value) && !value.includes('eyJ') ? `"${value}"` : JSON.stringify(scrubText(value.slice(0, 200)))
}
