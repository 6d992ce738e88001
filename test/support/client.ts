import { Agent, request } from 'undici'
import type { Question } from './gateway.ts'

/** A client of partners over real connections, with whatever headers a test wants. */
export interface Client {
  /** Asks the gateway at this URL; rejects where the connection fails. */
  ask(url: string, asking: Asking): Promise<Reply>
  close(): Promise<void>
}

export interface Asking {
  readonly authorization: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Default: who is asking. */
  readonly question?: Question
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path in tests
  readonly body: any
}

export interface ClientOptions {
  /** PEM: whom it trusts, and what it shows. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string }
  /** Most that are open at once to one gateway. */
  readonly connections?: number
  /** What is idle for so long is closed, whatever the gateway would bear. */
  readonly idleMs?: number
}

const WHO = { query: '{ viewer { partner { bpnl } } }' }
const TIMEOUT_MS = 30_000

export function createClient({ tls, connections = 64, idleMs }: ClientOptions = {}): Client {
  const dispatcher = new Agent({
    connections,
    ...(tls && { connect: tls }),
    ...(idleMs !== undefined && { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs }),
  })
  return {
    async ask(url, { authorization, headers, question = WHO }) {
      const answer = await request(`${url}/graphql`, {
        method: 'POST',
        dispatcher,
        headersTimeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json', authorization, ...headers },
        body: JSON.stringify(question),
      })
      return { status: answer.statusCode, headers: answer.headers, body: await answer.body.json() }
    },
    close: () => dispatcher.destroy(),
  }
}

/** `ANSWERED`, or the status and the code of the first error. */
export function outcomeOf({ status, body }: Pick<Reply, 'status' | 'body'>): string {
  const code = body.errors?.[0]?.extensions.code
  return status === 200 && code === undefined ? 'ANSWERED' : `${status} ${code}`
}
