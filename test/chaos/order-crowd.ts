import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ALL_SCOPES, type TestGateway } from '../support/gateway.ts'
import { CLIENTS } from './order-questions.ts'

/**
 * Retailers who ask parts logistics at a constant rate, and ask again when they are refused: over real sockets, from a
 * thread of their own, so that the gateway has this one to itself.
 */
export interface OrderCrowd {
  /** Lets no more arrive, and gives what came of everything until now. */
  stop(): Promise<Course>
  close(): Promise<void>
}

/** Times are of `performance.now()`. */
export interface Course {
  readonly attempts: readonly Attempted[]
  /** When requests were made for the first time, and when again. */
  readonly firstMs: readonly number[]
  readonly repeatedMs: readonly number[]
  /** What came in the end of each that is over. */
  readonly requests: readonly { readonly outcome: string }[]
}

export interface Attempted {
  readonly outcome: string
  readonly fromMs: number
  readonly toMs: number
  /** Null: it was not told to come back. */
  readonly retryAfterSeconds: number | null
}

export interface CrowdOptions {
  readonly perSecond: number
  /** How many questions there are; null: each is a new one. */
  readonly keys: number | null
  /** Most that a client makes of one request. */
  readonly attempts: number
}

/** For the thread. */
export interface CrowdOrder extends CrowdOptions {
  readonly url: string
  readonly authorizations: Readonly<Record<string, string>>
}

const TOKEN_SECONDS = 86_400

export async function gatherOrderCrowd({
  app,
  issuer,
}: TestGateway): Promise<(options: CrowdOptions) => Promise<OrderCrowd>> {
  const url = await app.partners.listen({ port: 0, host: '127.0.0.1' })
  const sign = (clientId: string) => issuer.sign({ clientId, scopes: ALL_SCOPES, lifetimeSeconds: TOKEN_SECONDS })
  const tokens = await Promise.all(CLIENTS.map(async client => [client, `Bearer ${await sign(client)}`] as const))
  const authorizations = Object.fromEntries(tokens)
  return options => startThread({ ...options, url, authorizations })
}

/** Resolves when the first is asked. */
async function startThread(order: CrowdOrder): Promise<OrderCrowd> {
  const worker = new Worker(new URL('./crowd-thread.ts', import.meta.url), { workerData: order })
  await once(worker, 'message')
  return {
    async stop() {
      worker.postMessage('stop')
      const [course] = (await once(worker, 'message')) as [Course]
      const here = (ms: number): number => ms - performance.timeOrigin
      return {
        ...course,
        attempts: course.attempts.map(one => ({ ...one, fromMs: here(one.fromMs), toMs: here(one.toMs) })),
        firstMs: course.firstMs.map(here),
        repeatedMs: course.repeatedMs.map(here),
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}

const MANY = 80

/** Of those that were refused in the same second, the largest part that is to come back in the same one; of seconds with many. */
export function mostTogether(refusals: readonly Attempted[]): number {
  const many = [...Map.groupBy(refusals, ({ toMs }) => Math.floor(toMs / 1_000)).values()].filter(
    all => all.length >= MANY,
  )
  const parts = many.map(all => {
    const together = [...Map.groupBy(all, ({ retryAfterSeconds }) => retryAfterSeconds).values()]
    return Math.max(...together.map(({ length }) => length)) / all.length
  })
  return Math.max(...parts)
}
