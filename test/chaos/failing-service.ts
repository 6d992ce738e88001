import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../demo/generator/random.ts'
import type { Clock } from '../../src/model/clock.ts'

/**
 * Stands in front of an OData service, counts the calls for its payments, and answers them as a service does on a bad day:
 * with a 5xx, with something that is no answer, or never. All else passes.
 */
export const FAILINGS = ['5xx', 'bad payloads', 'hang', 'every second call a 5xx or a bad payload'] as const
export type Failing = (typeof FAILINGS)[number]

export interface FailingService {
  readonly url: string
  /** When each call came, by the clock. */
  readonly calls: readonly number[]
  /** Null: every call is answered. */
  fail(how: Failing | null): void
  close(): Promise<void>
}

export interface FailingServiceOptions {
  /** URL of what is behind it. */
  readonly target: string
  readonly random: Random
  readonly clock: Clock
}

const COUNTED = /\/SupplierPayments(\?|$)/
const JSON_TYPE = 'application/json'

export async function startFailingService({ target, random, clock }: FailingServiceOptions): Promise<FailingService> {
  const calls: number[] = []
  let failing: Failing | null = null
  let failedLast = false

  function answerBadly(response: ServerResponse, answer: string): void {
    const send = (type: string, body: string) => response.writeHead(200, { 'content-type': type }).end(body)
    random.pick([
      () => send(JSON_TYPE, answer.slice(0, answer.length / 2)),
      () => send('text/html', '<html><title>Log on</title></html>'),
      () => send(JSON_TYPE, answer.replaceAll(/"Amount":"[^"]*"/g, '"Amount":"much"')),
      () => send(JSON_TYPE, answer.replaceAll(/"PaymentId":"[^"]*",/g, '')),
    ])()
  }
  const fails = (response: ServerResponse) =>
    response.writeHead(random.pick([500, 502, 503, 504]), { 'content-type': 'text/plain' }).end('no')

  function spoil(how: Failing, response: ServerResponse, status: number, answer: string): void {
    switch (how) {
      case '5xx':
        fails(response)
        return
      case 'bad payloads':
        answerBadly(response, answer)
        return
      case 'hang':
        return
      case 'every second call a 5xx or a bad payload':
        failedLast = !failedLast
        if (!failedLast) response.writeHead(status, { 'content-type': JSON_TYPE }).end(answer)
        else if (random.chance(0.5)) fails(response)
        else answerBadly(response, answer)
        return
      default:
        how satisfies never
    }
  }

  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const isCounted = COUNTED.test(path)
    if (isCounted) calls.push(clock.now())
    const behind = await fetch(target + path, { headers: { accept: request.headers.accept ?? '*/*' } })
    const answer = await behind.text()
    if (isCounted && failing !== null) return spoil(failing, response, behind.status, answer)
    response.writeHead(behind.status, { 'content-type': behind.headers.get('content-type') ?? JSON_TYPE }).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    fail(how) {
      failing = how
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
