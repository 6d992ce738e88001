import type { FastifyInstance } from 'fastify'

/**
 * What the routes say about a request for its one line in the log: who asked for what, and what became of it. Made by the
 * partner server for each request and filled by the routes. Of what a partner writes it holds names alone, never a value.
 */
export interface Audit {
  /** The partner's BPNL. */
  partner: string | null
  /** The client that asked for the partner (RFC 9068 `client_id`). */
  client: string | null
  /** The operation's name or, where it has none, the first 12 characters of its document's id. */
  operation: string | null
  /** In whole units of the cost directives. */
  cost: number | null
  /** Where the answer came from: the response cache, another's flight, an execution, around the cache, or the protocol. */
  answer: 'HIT' | 'SHARED' | 'MISS' | 'SKIPPED' | 'PROTOCOL' | null
  /** Of the answer's body, where whoever wrote it said; else what its headers say. */
  bytes: number | null
  /** Of the refusal, or of the errors in the answer. */
  codes: readonly string[]
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null and empty members do not show in the line. */
    audit: Audit
  }
}

const NO_CODES: readonly string[] = []

/** Has every request of the server begin with an empty audit. */
export function registerAudit(app: FastifyInstance): void {
  // A place in every request from its construction on, so that all requests have one shape.
  app.decorateRequest('audit')
}

export function createAudit(): Audit {
  return { partner: null, client: null, operation: null, cost: null, answer: null, bytes: null, codes: NO_CODES }
}
