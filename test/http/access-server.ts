import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { accessLogSchema } from '../../src/config/access-log-schema.ts'
import { type AccessLog, type KeptAccessLog, openAccessLog } from '../../src/http/access-log.ts'
import { identify } from '../../src/http/exchange.ts'
import { createPartnerServer, DEFAULT_EDGE_LIMITS } from '../../src/http/server.ts'
import { Unauthenticated } from '../../src/identity/unauthenticated.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { type Counters, createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { watched } from '../support/watched-logs.ts'

/** A partner server whose routes answer in every way there is, and the lines that it leaves in files. */
export interface AccessServer {
  readonly app: FastifyInstance
  readonly port: number
  readonly log: KeptAccessLog
  readonly counters: Counters
  /** What is not about requests. */
  readonly logged: readonly Record<string, unknown>[]
  close(): Promise<void>
}

export interface AccessServerOptions {
  /** Laid over the section `accessLog`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Stands in front of the files. */
  readonly accessLog?: (kept: KeptAccessLog) => AccessLog
  readonly worker?: number
  readonly now?: () => number
}

const wordError = (error: unknown, requestId: string) => {
  const known = error instanceof GatewayError ? error : new GatewayError('INTERNAL', 'Something went wrong.')
  return {
    message: known.message,
    extensions: { code: known.code, requestId, ...known.details },
    httpStatus: known.httpStatus,
  }
}

export async function startAccessServer(directory: string, options: AccessServerOptions = {}): Promise<AccessServer> {
  const logged: Record<string, unknown>[] = []
  const log = createLog({ level: 'info', destination: watched(line => void logged.push(JSON.parse(line))) })
  const counters = createCounters()
  const settings = accessLogSchema('/').parse({ directory, ...options.settings })
  const { worker = 0, now = Date.now } = options
  const kept = openAccessLog(settings, { worker, now, log, counters })
  const app = createPartnerServer({
    log,
    accessLog: options.accessLog?.(kept) ?? kept,
    wordError,
    limits: { ...DEFAULT_EDGE_LIMITS, bodyBytes: 1_024 },
  })
  registerRoutes(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    port: (app.server.address() as AddressInfo).port,
    log: kept,
    counters,
    logged,
    async close() {
      app.server.closeAllConnections()
      await app.close()
      kept.close()
    },
  }
}

const REFUSALS = {
  '/forbidden': new GatewayError('FORBIDDEN', 'Not you.'),
  '/limited': new GatewayError('RATE_LIMITED', 'Too much.', { details: { retryAfterSeconds: 1 } }),
  '/closed': new GatewayError('SYSTEM_NOT_OPEN', 'Not open.', {
    details: { system: 'PARTS_LOGISTICS', lifecycle: 'SUSPENDED' },
  }),
  '/unknown': new Unauthenticated(new Error('nobody'), { challenge: 'Bearer' }),
  '/failing': new Error('nobody foresaw this'),
} as const

function registerRoutes(app: FastifyInstance): void {
  app.get('/ok', async ({ audit }) => {
    Object.assign(audit, { partner: 'BPNL00000R000121', client: 'dms', operation: 'Enquiry', answer: 'MISS', cost: 3 })
    return { data: 'ok' }
  })
  app.post('/ok', async () => ({ data: 'ok' }))
  app.get('/same', ({ id }, reply) => {
    reply.hijack()
    identify(reply.raw, id)
    reply.raw.writeHead(304).end()
  })
  app.get('/never', () => new Promise(() => {}))
  app.get('/stream', ({ id, raw, audit }, reply) => {
    const stream = { events: 0, why: null as string | null }
    audit.stream = stream
    reply.hijack()
    identify(reply.raw, id)
    const response = reply.raw.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' })
    response.write(':\n\n')
    response.write('event: next\n\n')
    stream.events++
    // Until its client says so, or leaves.
    if (raw.headers.accept === 'text/event-stream') return
    stream.why = 'TOKEN_EXPIRED'
    response.end('event: complete\n\n')
  })
  for (const [path, thrown] of Object.entries(REFUSALS))
    app.get(path, async () => {
      throw thrown
    })
}

/** Every line in the files of a directory, in the order in which they were begun. */
export function linesIn(directory: string): readonly Record<string, unknown>[] {
  return textsIn(directory)
    .join('')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

export function textsIn(directory: string): readonly string[] {
  const names = readdirSync(directory).filter(name => name.endsWith('.jsonl'))
  return names.toSorted().map(name => readFileSync(join(directory, name), 'utf8'))
}
