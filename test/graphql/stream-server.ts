import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parse } from 'graphql'
import { resolvers } from '../../resolvers/index.ts'
import { createRequestContext, NO_REQUEST_READS } from '../../src/graphql/context.ts'
import { wordError } from '../../src/graphql/error-format.ts'
import { registerExecution } from '../../src/graphql/execution.ts'
import { createKnowledge, type KnowledgeSources } from '../../src/graphql/knowledge.ts'
import { type PlanningSteps, planOperation } from '../../src/graphql/planned-operation.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { standardCodes } from '../../src/graphql/standard-codes.ts'
import { createSubscriptions } from '../../src/graphql/subscriptions/subscriptions.ts'
import { createPartnerServer, DEFAULT_EDGE_LIMITS, type EdgeLimits } from '../../src/http/server.ts'
import { registerStreamRoute, type StreamRouteOptions } from '../../src/http/stream-route.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import type { Reads } from '../../src/loaders/reads.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { createLog } from '../../src/observe/log.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { createPlanner } from '../../src/operations/planner.ts'
import { createGate } from '../../src/systems/gate.ts'
import { LIMITS } from '../operations/planning.ts'
import { unloadedAdmission } from '../support/admission.ts'
import { createDeclaredRecovery, type DeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { watched } from '../support/watched-logs.ts'

/**
 * The stream's route over the partner schema and its real resolvers, on a real socket; its restart is declared. Queries
 * are answered without a socket.
 */

export const NOW_MS = Date.parse('2025-10-07T08:00:00.000Z')

const SCOPES = ['restart:read', 'evidence:read', 'payments:read']

export const partner = (client: string, change: Partial<PartnerEntry> = {}): PartnerEntry => ({
  bpnl: `BPNL${client.toUpperCase().padStart(12, '0')}`,
  name: client,
  roles: ['RETAILER'],
  sites: [],
  wave: null,
  scopes: ['restart:read'],
  clients: [client],
  tokenBinding: 'NONE',
  disabled: false,
  limits: null,
  ...change,
})

export interface StreamServer {
  readonly recovery: DeclaredRecovery
  readonly port: number
  readonly logged: readonly Record<string, unknown>[]
  /** What each operation cost that was let in. */
  readonly spent: readonly number[]
  /** What a client's partner has left of its budget, which only refused documents are taken from here. */
  left(client: string): number
  /** The answer to a query, as JSON; reads of restored systems as given. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path in tests
  answer(client: string, query: string, reads?: Partial<Reads>): Promise<any>
  /** How many listen to the recovery. */
  listeners(): number
  /** The lines that say how streams ended, once there are so many. */
  endings(count: number): Promise<readonly Record<string, unknown>[]>
  drain(): Promise<void>
  /** Closes everything at once. */
  close(): Promise<void>
}

export interface StreamServerOptions extends Partial<Pick<StreamRouteOptions, 'maxStreamsPerPartner' | 'stalledMs'>> {
  readonly partners?: readonly PartnerEntry[]
  readonly clock?: Clock
  /** Of every token. */
  readonly expiresAtMs?: number
  readonly limits?: Partial<EdgeLimits>
  readonly spend?: (viewer: Viewer, cost: number) => Promise<void>
}

export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const { partners = [partner('dms')], clock = { now: () => NOW_MS }, spend } = options
  const logged: Record<string, unknown>[] = []
  const spent: number[] = []
  const log = createLog({ level: 'debug', destination: watched(line => void logged.push(JSON.parse(line))) })
  const declared = createDeclaredRecovery(declaredState())
  let listeners = 0
  const recovery: DeclaredRecovery = {
    ...declared,
    onChange(listener) {
      listeners++
      const stop = declared.onChange(listener)
      return () => {
        listeners--
        stop()
      }
    },
  }
  recovery.grant(partners)
  const registry = createPartnerRegistry({ recovery, limits: { operationCost: 1_000, costPerMinute: 1_000 } })
  const schema = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)))
  const declarations = readDeclarations(schema)
  const gate = createGate(recovery, registry.confirm)
  const app = createPartnerServer({ log, wordError, limits: { ...DEFAULT_EDGE_LIMITS, ...options.limits } })
  const execution = await registerExecution(app, {
    schema,
    resolvers,
    declarations,
    gate,
    fieldCache: null,
    compiled: true,
    fieldCacheCounter: () => () => {},
    clock: systemClock,
  })
  const knowledge = createKnowledge({
    codes: standardCodes(schema),
    sites: new Map(),
    recovery,
    evidence: () => [
      {
        kind: 'BACKUP_INTEGRITY',
        outcome: 'PASSED',
        attestedAt: '2025-10-01T00:00:00.000Z',
        attestedBy: 'FORENSICS_LEAD',
        expiresAt: null,
        digest: 'a'.repeat(64),
      },
    ],
    restored: {} as KnowledgeSources['restored'],
    gate,
    budget: () => Promise.reject(new Error('nobody asks for the budget here')),
  })
  const steps: PlanningSteps = {
    planner: createPlanner({ schema, declarations, limits: LIMITS }),
    assertTrusted: () => {},
    async spend(viewer, cost) {
      await spend?.(viewer, cost)
      spent.push(cost)
    },
  }
  const viewerOf = (clientId: string) => {
    const viewer = registry.viewerFor(clientId, new Set(SCOPES))
    if (viewer === null) throw new GatewayError('UNAUTHENTICATED', 'Nobody here has this name.')
    return viewer
  }
  const subscriptions = createSubscriptions({
    ...steps,
    execution,
    knowledge,
    maxTokens: LIMITS.maxTokens,
    recovery,
    isCurrent: registry.isCurrent,
    clock,
    log,
  })
  const admission = unloadedAdmission(clock)
  registerStreamRoute(app, {
    async authenticate({ authorization }) {
      const viewer = viewerOf(authorization?.replace('Bearer ', '') ?? '')
      return { viewer, expiresAtMs: options.expiresAtMs ?? NOW_MS + 600_000 }
    },
    subscriptions,
    admission,
    maxStreamsPerPartner: options.maxStreamsPerPartner ?? 20,
    ...(options.stalledMs !== undefined && { stalledMs: options.stalledMs }),
    log,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const endings = () => logged.filter(({ stream }) => stream === 'ENDED')
  return {
    recovery,
    port: (app.server.address() as AddressInfo).port,
    logged,
    spent,
    left: client => admission.standing(viewerOf(client)).remaining,
    async answer(client, query, reads = {}) {
      const viewer = viewerOf(client)
      const asked = { source: query, document: parse(query), operationName: undefined, variables: {} }
      const planned = await planOperation(steps, { ...asked, kind: 'query' }, viewer)
      const context = createRequestContext(
        'request',
        viewer,
        { of: source => ({ ...NO_REQUEST_READS.of(source), ...reads }) },
        knowledge,
      )
      return JSON.parse(JSON.stringify(await execution.execute({ ...context, ...planned })))
    },
    listeners: () => listeners,
    async endings(count) {
      while (endings().length < count) await new Promise(resolve => setTimeout(resolve, 5))
      return endings()
    },
    drain: () => app.drain(),
    async close() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

export const SYSTEMS = 'subscription { restoredSystemChanged { key lifecycle answersViewer } }'
export const UPDATES = 'subscription { restartUpdatePublished { id title body } }'

export interface Asking {
  readonly client?: string
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

export interface StreamClient {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The connection, to stop reading from it. */
  readonly response: IncomingMessage
  /** All that was received so far. */
  text(): string
  /** The next event that is no comment; its data parsed. Rejects where the stream ends without one. */
  // biome-ignore lint/suspicious/noExplicitAny: events are looked into by path in tests
  next(): Promise<{ readonly event: string; readonly data: any }>
  readonly closed: Promise<void>
  /** Goes away without a word. */
  leave(): void
}

/** Asks for a stream by POST, or for something that is refused; answers as soon as the headers are there. */
export async function ask(port: number, query: string, asking: Asking = {}): Promise<StreamClient> {
  const { client = 'dms', method = 'POST', path = '/graphql/stream', headers, body = { query } } = asking
  const { sent, response } = await new Promise<{ sent: ClientRequest; response: IncomingMessage }>(
    (resolve, reject) => {
      const sent = request({
        port,
        host: '127.0.0.1',
        method,
        path,
        agent: false,
        headers: {
          authorization: `Bearer ${client}`,
          accept: 'text/event-stream',
          ...(method === 'POST' && { 'content-type': 'application/json' }),
          ...headers,
        },
      })
      sent.once('error', reject).once('response', response => resolve({ sent, response }))
      sent.end(method === 'POST' ? (typeof body === 'string' ? body : JSON.stringify(body)) : undefined)
    },
  )
  sent.on('error', () => {})
  let text = ''
  let read = 0
  let onMore = () => {}
  let isClosed = false
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    onMore()
  })
  response.on('error', () => {})
  const closed = new Promise<void>(resolve =>
    response.once('close', () => {
      isClosed = true
      onMore()
      resolve()
    }),
  )
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    response,
    text: () => text,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n', read)
        if (end >= 0) {
          const block = text.slice(read, end)
          read = end + 2
          if (block.startsWith(':')) continue
          const [, event = '', data = ''] = /^event: (.*)\ndata: ?(.*)$/s.exec(block) ?? []
          return { event, data: data === '' ? null : JSON.parse(data) }
        }
        if (isClosed) throw new Error('the stream ended without a further event')
        await new Promise<void>(resolve => {
          onMore = resolve
        })
      }
    },
    closed,
    leave: () => sent.destroy(),
  }
}

/** What a request that is refused is told. */
export async function refusalOf(asked: Promise<StreamClient>) {
  const client = await asked
  await client.closed
  const { errors } = JSON.parse(client.text()) as {
    readonly errors: readonly [{ readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }]
  }
  return { status: client.status, headers: client.headers, error: errors[0], code: errors[0].extensions.code }
}
