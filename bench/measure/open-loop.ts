import { Pool } from 'undici'

/**
 * Requests at a constant rate, whether or not those before were answered, as many independent callers send them. A
 * latency counts from the time at which the request was due, so that a server that stalls cannot hide it by holding up
 * the load generator (no coordinated omission).
 */
export interface OpenLoopOptions {
  readonly url: string
  readonly requestsPerSecond: number
  readonly seconds: number
  /** Request `n`, from 0. */
  readonly request: (n: number) => PreparedRequest
  /** Connections at most; requests beyond wait, and their waiting counts. Default 128. */
  readonly connections?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** Called with each answer. */
  readonly onAnswer?: (answer: OpenLoopAnswer) => void
}

/** Token and body as they are sent. */
export interface PreparedRequest {
  readonly token: string
  readonly body: string | Buffer
}

export interface OpenLoopAnswer {
  readonly n: number
  /** Since the first request was due. */
  readonly dueMs: number
  readonly latencyMs: number
  readonly status: number
  /** Of the answer (RFC 9111 §5.1), in seconds; null: none. */
  readonly age: number | null
}

export interface OpenLoop {
  /** In milliseconds, of every request that was answered, in the order of the answers. */
  readonly latenciesMs: Float64Array
  readonly sent: number
  /** Statuses above 399, and connections that failed. */
  readonly failed: number
  /** Requests a second that were answered. Less than asked for: the server did not keep up. */
  readonly answeredPerSecond: number
}

const TICK_MS = 1
/** How long answers are waited for once the last request is sent. */
const PATIENCE_MS = 10_000

export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoop> {
  const { url, requestsPerSecond, seconds, connections = 128 } = options
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections, pipelining: 1 })
  let total = Math.round(requestsPerSecond * seconds)
  const latencies = new Float64Array(total)
  const settled = Promise.withResolvers<void>()
  const startMs = performance.now()
  let sent = 0
  let answered = 0
  let failed = 0
  let lastMs = startMs

  function settle(): void {
    lastMs = performance.now()
    if (answered + failed === total) settled.resolve()
  }

  function send(n: number): void {
    const dueMs = (n * 1_000) / requestsPerSecond
    const { token, body } = options.request(n)
    let status = 0
    let age: number | null = null
    pool.dispatch(
      {
        path: pathname,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' },
        body,
      },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, headers) {
          status = statusCode
          age = headers.age === undefined ? null : Number(headers.age)
        },
        onResponseData() {},
        onResponseEnd() {
          const latencyMs = performance.now() - startMs - dueMs
          if (status < 400) latencies[answered++] = latencyMs
          else failed += 1
          options.onAnswer?.({ n, dueMs, latencyMs, status, age })
          settle()
        },
        onResponseError() {
          failed += 1
          settle()
        },
      },
    )
  }

  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) * requestsPerSecond) / 1_000) + 1)
    while (sent < due) send(sent++)
    if (sent === total) clearInterval(timer)
  }, TICK_MS)
  const patience = setTimeout(settled.resolve, seconds * 1_000 + PATIENCE_MS)
  options.signal?.addEventListener('abort', () => {
    clearInterval(timer)
    total = sent
    settle()
  })
  await settled.promise
  clearTimeout(timer)
  clearTimeout(patience)
  const result = {
    latenciesMs: latencies.slice(0, answered),
    sent,
    // What has no answer by now has failed, too.
    failed: total - answered,
    answeredPerSecond: (answered * 1_000) / Math.max(1, lastMs - startMs),
  }
  await pool.destroy()
  return result
}
