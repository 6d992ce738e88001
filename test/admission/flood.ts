import { Worker } from 'node:worker_threads'
import type { Question } from '../support/gateway.ts'

/** Clients on as many connections, in a thread of their own, each of which asks again as soon as it has been answered. */
export interface Flood {
  /** What has come of it so far, as of not long ago. */
  soFar(): Tally
  /** Stops asking, and gives what came of everything. */
  stop(): Promise<Tally>
}

export interface Tally {
  readonly answered: number
  /** With 503 and a `Retry-After` of whole seconds. */
  readonly refused: number
  /** With anything else, or not at all. */
  readonly other: number
  /** The last of the refusals. */
  readonly refusal: unknown
}

export interface FloodOptions {
  readonly url: string
  readonly token: string
  readonly connections: number
  readonly question: (n: number) => Question
}

/** Bodies that are asked in turn; made ahead, so that asking costs little. */
const BODIES = 20_000

const THREAD = `
const { connect } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')
const { port, head, bodies, connections } = workerData
const tally = { answered: 0, refused: 0, other: 0, refusal: null }
let asked = 0
let isOver = false
const next = () => {
  const body = bodies[asked++ % bodies.length]
  return head + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body
}
function open() {
  let said = ''
  const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(next()))
  socket.setEncoding('latin1')
  socket.on('error', () => { if (!isOver) tally.other += 1 })
  socket.on('data', chunk => {
    said += chunk
    const end = said.indexOf('\\r\\n\\r\\n')
    if (end < 0) return
    const length = Number(/content-length: (\\d+)/i.exec(said)?.[1])
    if (said.length < end + 4 + length) return
    const status = said.slice(9, 12)
    if (status === '200') tally.answered += 1
    else if (status === '503' && /\\r\\nretry-after: [1-5]\\r\\n/i.test(said)) {
      tally.refused += 1
      tally.refusal = said.slice(end + 4)
    } else tally.other += 1
    said = ''
    if (!isOver) socket.write(next())
  })
  return socket
}
const sockets = Array.from({ length: connections }, open)
setInterval(() => parentPort.postMessage(tally), 50)
parentPort.once('message', () => {
  isOver = true
  parentPort.postMessage({ ...tally, isLast: true })
  for (const socket of sockets) socket.destroy()
})
`

export function startFlood({ url, token, connections, question }: FloodOptions): Flood {
  const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: `
  const bodies = Array.from({ length: BODIES }, (_, n) => JSON.stringify(question(n)))
  const workerData = { port: Number(new URL(url).port), head, bodies, connections }
  const thread = new Worker(THREAD, { eval: true, workerData })
  const last = Promise.withResolvers<Tally>()
  let soFar: Tally = { answered: 0, refused: 0, other: 0, refusal: null }
  let isStopping = false
  thread.on('error', last.reject)
  thread.on('message', ({ refusal, isLast = false, ...counts }: Tally & { readonly isLast?: boolean }) => {
    soFar = { ...counts, refusal: typeof refusal === 'string' ? (JSON.parse(refusal) as unknown) : null }
    if (!isLast) return
    void thread.terminate()
    last.resolve(soFar)
  })
  return {
    soFar: () => soFar,
    stop() {
      if (!isStopping) thread.postMessage('stop')
      isStopping = true
      return last.promise
    },
  }
}
