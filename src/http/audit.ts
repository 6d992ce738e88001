import type { GraphQLFormattedError } from 'graphql'
import { codesOf } from '../graphql/answering.ts'
import type { RequestObserver } from '../graphql/context.ts'
import { ageSeconds } from '../model/answer-age.ts'
import type { SystemKey } from '../model/system.ts'
import type { PartnerRole, Viewer } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'

/**
 * What the routes say about a request for its line in the access log: who asked for what, and what became of it. Made with the
 * request and filled by the routes. Of what a partner writes it holds names alone, never a value.
 */
export interface Audit {
  /** The partner's BPNL. */
  partner: string | null
  /** The first of its roles, which is its class. */
  role: PartnerRole | null
  /** The client that asked for the partner (RFC 9068 `client_id`). */
  client: string | null
  /** The operation's name or, where it has none, the first 12 characters of its document's id. */
  operation: string | null
  /** Those that the operation reads. */
  systems: ReadonlySet<SystemKey>
  /** In whole units of the cost directives. */
  cost: number | null
  /** Where the answer came from: the response cache, another's flight, an execution, around the cache, or the protocol. */
  answer: 'HIT' | 'SHARED' | 'MISS' | 'SKIPPED' | 'PROTOCOL' | null
  /** Of the answer's body, where whoever wrote it said; else what its headers say. */
  bytes: number | null
  /** Age of the oldest part of the answer, in seconds, and for how long such an answer is fresh; null: not said, or not kept. */
  ageSeconds: number | null
  maxAgeSeconds: number | null
  /** Of the refusal, or of the errors in the answer. */
  codes: readonly string[]
  /** Those of them that name a system. */
  refusals: readonly SystemRefusal[]
  /** Whether anything was given beside them; null: not said. */
  gave: boolean | null
  /** The systems of which the answer has what they gave last, marked, and when the oldest of it was given, in Unix milliseconds. */
  lastKnown: ReadonlyMap<string, number>
  /** Null: the answer is no stream. */
  stream: StreamAudit | null
}

export interface SystemRefusal {
  readonly system: string
  readonly code: string
  /** The lifecycle that it was refused for; null: it was open. */
  readonly state: string | null
}

export interface StreamAudit {
  events: number
  /** Why it ended; null: it has not, or its client has left. */
  why: string | null
}

const NOTHING: readonly never[] = []
const NO_SYSTEMS: ReadonlySet<SystemKey> = new Set()
const NOTHING_KNOWN: ReadonlyMap<string, number> = new Map()
/** Hexadecimal digits of a document's SHA-256 that stand for an operation without a name. */
const SHORT_ID = 12

export function createAudit(): Audit {
  return {
    partner: null,
    role: null,
    client: null,
    operation: null,
    systems: NO_SYSTEMS,
    cost: null,
    answer: null,
    bytes: null,
    ageSeconds: null,
    maxAgeSeconds: null,
    codes: NOTHING,
    refusals: NOTHING,
    gave: null,
    lastKnown: NOTHING_KNOWN,
    stream: null,
  }
}

export function auditViewer(audit: Audit, { partner, clientId }: Viewer): void {
  audit.partner = partner.bpnl
  audit.role = partner.roles[0] ?? null
  audit.client = clientId
}

/** Tells the audit what the protocol has found out; `lastKnown` is filled while the operation runs. */
export function observerOf(audit: Audit, lastKnown: Audit['lastKnown']): RequestObserver {
  audit.lastKnown = lastKnown
  return {
    planned: question => auditQuestion(audit, question),
    failed: (errors, data) => auditErrors(audit, errors, data),
  }
}

export function auditQuestion(audit: Audit, { plan, cost }: Question): void {
  audit.operation = plan.operationName ?? plan.documentId.slice(0, SHORT_ID)
  audit.systems = plan.systems
  audit.cost = cost
}

/** Errors as they are worded for the partner, and the data beside them. */
export function auditErrors(audit: Audit, errors: readonly GraphQLFormattedError[], data: unknown = null): void {
  const refusals = new Map<string, SystemRefusal>()
  for (const { extensions = {} } of errors) {
    const { code, system, lifecycle: state } = extensions
    if (typeof system !== 'string') continue
    const refusal = { system, code: String(code), state: typeof state === 'string' ? state : null }
    refusals.set(`${system} ${code} ${state}`, refusal)
  }
  audit.codes = codesOf(errors)
  audit.refusals = [...refusals.values()]
  audit.gave = Object.values(data ?? {}).some(value => value !== null)
}

/** Of an answer without errors that was made for this request. */
export function auditFreshness(audit: Audit, maxAgeSeconds: number, freshUntilMs: number, nowMs: number): void {
  audit.maxAgeSeconds = maxAgeSeconds
  audit.ageSeconds = ageSeconds(maxAgeSeconds, freshUntilMs, nowMs)
}

/** What an answer says of itself beside its data. */
export function auditWarnings(audit: Audit, extensions: Readonly<Record<string, unknown>> | undefined): void {
  if (!Array.isArray(extensions?.warnings)) return
  const lastKnown = new Map<string, number>()
  for (const warning of extensions.warnings) {
    const { code, system, readAt } = warning as Readonly<Record<string, unknown>>
    if (code === 'LAST_KNOWN_GOOD') lastKnown.set(String(system), Date.parse(String(readAt)))
  }
  audit.lastKnown = lastKnown
}
