import { setTimeout } from 'node:timers/promises'
import type { Question } from './gateway.ts'
import { askOver, type GatewayProcess } from './gateway-process.ts'

/**
 * Clients that ask without a break, as behind a load balancer: in turn over the processes, and never again over one that
 * was found gone. A connection that is refused was never a request, and is tried elsewhere.
 */
export interface Load {
  /** Stops asking, waits for what is in flight, and gives what came of everything. */
  stop(): Promise<readonly Outcome[]>
}

export interface Outcome {
  readonly process: GatewayProcess
  /** Of `performance.now()`. */
  readonly startedMs: number
  readonly tookMs: number
  /** Null: the connection broke before an answer came. */
  readonly status: number | null
  /** Codes of the errors in the answer. */
  readonly codes: readonly string[]
}

export interface LoadOptions {
  readonly processes: readonly GatewayProcess[]
  readonly token: string
  readonly clients: number
  readonly question: (n: number) => Question
  /** For how long a client that has its answer rests. Default: 0. */
  readonly pauseMs?: number
}

export function startLoad({ processes, token, clients, question, pauseMs = 0 }: LoadOptions): Load {
  const alive = new Set(processes)
  const outcomes: Outcome[] = []
  let isStopping = false
  let asked = 0

  async function ask(process: GatewayProcess): Promise<void> {
    const startedMs = performance.now()
    const took = () => ({ process, startedMs, tookMs: performance.now() - startedMs })
    try {
      const { status, body } = await askOver(process.partners, token, question(asked))
      const codes = (body.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code)
      outcomes.push({ ...took(), status, codes })
    } catch (thrown) {
      alive.delete(process)
      if (!isRefused(thrown)) outcomes.push({ ...took(), status: null, codes: [] })
    }
  }

  async function client(): Promise<void> {
    while (!isStopping) {
      asked += 1
      const process = [...alive][asked % alive.size]
      if (process === undefined) throw new Error('every process is gone')
      await ask(process)
      if (pauseMs > 0) await setTimeout(pauseMs)
    }
  }

  const running = Promise.all(Array.from({ length: clients }, client))
  return {
    async stop() {
      isStopping = true
      await running
      return outcomes
    },
  }
}

function isRefused(thrown: unknown): boolean {
  const { cause } = thrown as { readonly cause?: { readonly code?: unknown } }
  return cause?.code === 'ECONNREFUSED'
}
