import type { RequestObserver } from '../graphql/context.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'

/**
 * What the routes say about a request for its one line in the log: who asked for what, and what became of it. Made with the
 * request and filled by the routes. Of what a partner writes it holds names alone, never a value.
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

const NO_CODES: readonly string[] = []
/** Hexadecimal digits of a document's SHA-256 that stand for an operation without a name. */
const SHORT_ID = 12

export function createAudit(): Audit {
  return { partner: null, client: null, operation: null, cost: null, answer: null, bytes: null, codes: NO_CODES }
}

export function auditViewer(audit: Audit, { partner, clientId }: Viewer): void {
  audit.partner = partner.bpnl
  audit.client = clientId
}

/** Tells the audit what the protocol has found out. */
export function observerOf(audit: Audit): RequestObserver {
  return {
    planned: question => auditQuestion(audit, question),
    failed(codes) {
      audit.codes = codes
    },
  }
}

export function auditQuestion(audit: Audit, { plan, cost }: Question): void {
  audit.operation = plan.operationName ?? plan.documentId.slice(0, SHORT_ID)
  audit.cost = cost
}
