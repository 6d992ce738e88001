import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A `fetch` for clients of the gateway, whatever library they use: it sends the token, asks again where the gateway says
 * that this helps and not sooner than it says, and has a GET answered anew only where the answer has changed.
 */
export interface PatientFetchOptions {
  /** A valid access token, asked for before each request. All of them must be of one partner: answers are kept. */
  readonly token: () => string | Promise<string>
  /** Most requests for one question. Default: 5. */
  readonly tries?: number
  /**
   * Longest wait between two of them; what is to wait longer is left to the caller. A spent budget is there again after a
   * minute. Unit: milliseconds. Default: 120,000.
   */
  readonly longestWaitMs?: number
  /** Default: that of Node.js. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>
}

/** Of the whole answer: too much was asked, or nobody could answer now. Everything else is answered the same again. */
const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([429, 502, 503, 504])

export function createPatientFetch({
  token,
  tries = 5,
  longestWaitMs = 120_000,
  wait = (ms, signal) => sleep(ms, undefined, { signal }),
}: PatientFetchOptions): typeof fetch {
  const kept = createKeptAnswers(200)

  return async (input, init = {}) => {
    const url = String(input)
    const tag = init.method === 'GET' ? kept.tagOf(url) : undefined
    for (let attempt = 1; ; attempt++) {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${await token()}`)
      if (tag !== undefined) headers.set('if-none-match', tag)
      const isLast = attempt === tries
      const response = await fetch(url, { ...init, headers }).catch((thrown: unknown) => {
        if (isLast || init.signal?.aborted) throw thrown
        return null
      })
      if (response?.status === 304) return kept.answerTo(url)
      const waitMs = response === null || isWorthAnotherTry(response) ? waitOf(response, attempt) : 0
      if (response !== null && (waitMs === 0 || isLast || waitMs > longestWaitMs))
        return init.method === 'GET' ? kept.keep(url, response) : response
      await response?.body?.cancel()
      await wait(waitMs, init.signal ?? undefined)
    }
  }
}

/** An answer of 200 that says when to come back gives nothing: every field of it is null. */
function isWorthAnotherTry({ status, headers }: Response): boolean {
  return WORTH_ANOTHER_TRY.has(status) || (status === 200 && headers.has('retry-after'))
}

/** `Retry-After` is never too soon; a little is added so that one's own clients do not come all at once. */
function waitOf(response: Response | null, attempt: number): number {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(seconds)) return seconds * 1_000 + Math.random() * 1_000
  return Math.random() * Math.min(16_000, 1_000 * 2 ** (attempt - 1))
}

interface KeptAnswers {
  tagOf(url: string): string | undefined
  /** The answer that was kept, for one that has not changed. */
  answerTo(url: string): Response
  /** Keeps the answer where it has a tag, and gives it back. */
  keep(url: string, response: Response): Promise<Response>
}

/** The least recently asked goes where there are more than `most`. */
function createKeptAnswers(most: number): KeptAnswers {
  const answers = new Map<string, { readonly tag: string; readonly body: string; readonly headers: Headers }>()
  return {
    tagOf: url => answers.get(url)?.tag,
    answerTo(url) {
      const answer = answers.get(url)
      if (answer === undefined) throw new Error(`304 for ${url}, of which nothing is kept`)
      return new Response(answer.body, { headers: answer.headers })
    },
    async keep(url, response) {
      const tag = response.headers.get('etag')
      answers.delete(url)
      if (tag === null || !response.ok) return response
      const body = await response.text()
      const headers = new Headers({ 'content-type': response.headers.get('content-type') ?? 'application/json' })
      answers.set(url, { tag, body, headers })
      const [oldest] = answers.keys()
      if (answers.size > most && oldest !== undefined) answers.delete(oldest)
      return new Response(body, { headers: response.headers })
    },
  }
}
