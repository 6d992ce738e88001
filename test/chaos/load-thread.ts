import { constants, setPriority } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Agent } from 'undici'

/**
 * The thread of `load-generator.ts`: asks for the availability of many parts, never for the same ones twice, and keeps of
 * each request when it was due, how long it took and what came of it.
 */
export type LoadOrder =
  /** So many clients, each of which asks as soon as it is answered. */
  | { readonly kind: 'closed'; readonly clients: number; readonly durationMs: number }
  /** At this rate, whatever becomes of those before. */
  | { readonly kind: 'open'; readonly perSecond: number; readonly durationMs: number }

export interface LoadData {
  readonly url: string
  readonly authorization: string
  readonly partNumbers: readonly string[]
  /** Of them, asked for by each request. */
  readonly partsAtOnce: number
  /** Most that are open at once, and kept. */
  readonly connections: number
}

export interface Asked {
  /** Since the order began. */
  readonly dueMs: number
  /** How late it was sent, for which the gateway can do nothing: nobody here waits for it before he asks. */
  readonly lateMs: number
  /** Since it was sent. */
  readonly tookMs: number
  readonly outcome: LoadOutcome
}

/** `REFUSED`: 503 or 429, with the seconds to wait. */
export type LoadOutcome = 'ANSWERED' | 'REFUSED' | `OTHER: ${string}`

const LOOK_MS = 1
const ENQUIRY =
  'query Enquiry($numbers: [PartNumber!]!) { partAvailability(partNumbers: $numbers) { requestedPartNumber outcome part { description } lines { site { name } } } }'

// The load of other machines would not take the gateway's processor from it. On Linux this is of the calling thread alone.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const { url, authorization, partNumbers, partsAtOnce, connections } = workerData as LoadData
const dispatcher = new Agent({ connections, pipelining: 1 })
const headers = { authorization, 'content-type': 'application/json' }
let made = 0

function body(): string {
  made += 1
  const stride = 1 + (made % 97)
  const numbers = Array.from(
    { length: partsAtOnce },
    (_, index) => partNumbers[(made * 7 + index * stride) % partNumbers.length],
  )
  return JSON.stringify({ query: ENQUIRY, variables: { numbers } })
}

/** By the smallest means, because what the load costs is taken from the same machine. */
function ask(): Promise<LoadOutcome> {
  return new Promise(resolve => {
    let status = 0
    let retryAfter: string | string[] | undefined
    const chunks: Buffer[] = []
    dispatcher.dispatch(
      { origin: url, path: '/graphql', method: 'POST', headers, body: body() },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode, answered) {
          status = statusCode
          retryAfter = answered['retry-after']
        },
        onResponseData(_, chunk) {
          chunks.push(chunk)
        },
        onResponseEnd: () => resolve(outcomeOf(status, retryAfter, Buffer.concat(chunks))),
        onResponseError: (_, error) => resolve(`OTHER: ${error}`),
      },
    )
  })
}

function outcomeOf(status: number, retryAfter: unknown, answer: Buffer): LoadOutcome {
  if (status === 200 && !answer.includes('"errors":[')) return 'ANSWERED'
  const isRefusal = (status === 503 || status === 429) && /^[1-9]\d*$/.test(String(retryAfter))
  return isRefusal ? 'REFUSED' : `OTHER: ${status} ${/"code":"(\w+)"/.exec(answer.toString())?.[1]}`
}

async function run(order: LoadOrder): Promise<readonly Asked[]> {
  const beganMs = performance.now()
  const since = () => performance.now() - beganMs
  const asked: Asked[] = []
  const one = async (dueMs: number) => {
    const sentMs = since()
    const outcome = await ask()
    asked.push({ dueMs, lateMs: sentMs - dueMs, tookMs: since() - sentMs, outcome })
  }
  if (order.kind === 'closed') {
    const client = async () => {
      while (since() < order.durationMs) await one(since())
    }
    await Promise.all(Array.from({ length: order.clients }, client))
    return asked
  }
  const inFlight: Promise<void>[] = []
  for (let sent = 0; since() < order.durationMs; await setTimeout(LOOK_MS))
    for (const due = (since() / 1_000) * order.perSecond; sent < due; sent += 1)
      inFlight.push(one((sent / order.perSecond) * 1_000))
  await Promise.all(inFlight)
  return asked
}

parentPort?.on('message', async (order: LoadOrder) => parentPort?.postMessage(await run(order)))
