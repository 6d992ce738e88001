import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { Question } from '../support/gateway.ts'

/** Clients that ask again and again, half of them over connections that they keep, and note what becomes of each request. */
export interface Clients {
  /** Answered or not, so far. */
  readonly outcomes: readonly Outcome[]
  /** Stops asking, waits for what is in flight, and gives what came of everything. */
  stop(): Promise<readonly Outcome[]>
}

export interface Outcome {
  /** Of `performance.now()`. */
  readonly startedMs: number
  /** Null: no answer came; `failure` says what did. */
  readonly status: number | null
  readonly failure: string | null
  /** Asked over a connection that had been used before. */
  readonly isReused: boolean
  /** Codes of the errors in the answer. */
  readonly codes: readonly string[]
}

export interface ClientsOptions {
  readonly url: string
  readonly token: string
  readonly clients: number
  readonly question: (n: number) => Question
}

const TIMEOUT_MS = 5_000
const PAUSE_MS = 50

export function startClients({ url, token, clients, question }: ClientsOptions): Clients {
  /** For each client its own, so that no connection lies idle. */
  const agents = Array.from({ length: clients }, (_, index) => new Agent({ keepAlive: index % 2 === 0 }))
  const outcomes: Outcome[] = []
  let isStopping = false
  let asked = 0

  async function client(agent: Agent): Promise<void> {
    while (!isStopping) {
      asked += 1
      outcomes.push(await ask(agent, url, token, question(asked)))
      // Workers that start need the machine too.
      await setTimeout(PAUSE_MS)
    }
  }

  const running = Promise.all(agents.map(client))
  return {
    outcomes,
    async stop() {
      isStopping = true
      await running
      for (const agent of agents) agent.destroy()
      return outcomes
    },
  }
}

function ask(agent: Agent, url: string, token: string, question: Question): Promise<Outcome> {
  const startedMs = performance.now()
  const body = JSON.stringify(question)
  return new Promise(resolve => {
    const fail = ({ code, message }: NodeJS.ErrnoException) =>
      resolve({ startedMs, status: null, failure: code ?? message, isReused: sent.reusedSocket, codes: [] })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = request(`${url}/graphql`, { agent, method: 'POST', headers, timeout: TIMEOUT_MS })
    sent.on('error', fail)
    sent.on('timeout', () => sent.destroy(new Error('TIMEOUT')))
    sent.on('response', answer => {
      text(answer).then(payload => {
        const errors: readonly { extensions: { code: string } }[] = JSON.parse(payload).errors ?? []
        const codes = errors.map(({ extensions }) => extensions.code)
        resolve({ startedMs, status: answer.statusCode ?? null, failure: null, isReused: sent.reusedSocket, codes })
      }, fail)
    })
    sent.end(body)
  })
}

/** What was not answered as it should be. */
export const failed = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(({ status, codes }) => status !== 200 || codes.length > 0)
