import { setTimeout as sleep } from 'node:timers/promises'
import { createKeptAnswers } from './kept-answers.ts'
import { TokenRefused, type TokenSource } from './token.ts'

/**
 * A `fetch` for clients of the gateway, whatever library they use: it sends the token, asks again where the gateway says
 * that this helps and not sooner than it says, and has a GET answered anew only where the answer has changed.
 */
export interface PatientFetchOptions {
  /**
   * Gives a valid access token before each request, and another one where it is told that this was refused. All of them
   * must be of one partner: answers are kept.
   */
  readonly token: TokenSource
  /** Most requests for one question. Default: 5. */
  readonly tries?: number
  /**
   * Longest wait between two of them; what is to wait longer is left to the caller. A spent budget is there again after a
   * minute. Unit: milliseconds. Default: 120,000.
   */
  readonly longestWaitMs?: number
  /** Default: that of Node.js. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Of the whole answer: too much was asked, or nobody could answer now. Everything else is answered the same again. */
const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([429, 502, 503, 504])
/** What the gateway takes in a URL; a longer question goes by POST. Unit: bytes. */
const LONGEST_QUERY = 16_384

export function createPatientFetch({
  token,
  tries = 5,
  longestWaitMs = 120_000,
  wait = (ms, signal) => sleep(ms, undefined, { signal }),
}: PatientFetchOptions): typeof fetch {
  const answers = createKeptAnswers(200)

  /** With another token, once, where the first is refused. */
  async function send(request: Request): Promise<Response> {
    const first = await token()
    const response = await fetch(withToken(request, first))
    const second = response.status === 401 ? await token(first) : first
    if (second === first) return response
    await response.body?.cancel()
    return fetch(withToken(request, second))
  }

  return async (input, init) => {
    const request = withShortUrl(new Request(input, init))
    const { url, method, signal } = request
    // For as long as this takes, whatever is kept or let go meanwhile.
    const kept = method === 'GET' ? answers.of(url) : undefined
    if (kept !== undefined) request.headers.set('if-none-match', kept.tag)
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === tries
      const response = await send(request).catch((thrown: unknown) => {
        if (isLast || signal.aborted || thrown instanceof TokenRefused) throw thrown
        return null
      })
      if (response?.status === 304 && kept !== undefined) return kept.again(response)
      const waitMs = response === null || isWorthAnotherTry(response) ? waitOf(response, attempt) : 0
      if (response !== null && (waitMs === 0 || isLast || waitMs > longestWaitMs))
        return method === 'GET' ? answers.keep(url, response) : response
      await response?.body?.cancel()
      await wait(waitMs, signal)
    }
  }
}

/** A request can be sent once, and its copies as well. */
function withToken(request: Request, token: string): Request {
  const copy = request.clone()
  copy.headers.set('authorization', `Bearer ${token}`)
  return copy
}

/** The same question as JSON, where it is too long for a URL. */
function withShortUrl(request: Request): Request {
  const { search, searchParams, origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || search.length - 1 <= LONGEST_QUERY) return request
  const isJson = (name: string) => name === 'variables' || name === 'extensions'
  const members = [...searchParams].map(([name, value]) => [name, isJson(name) ? JSON.parse(value) : value])
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/json')
  const body = JSON.stringify(Object.fromEntries(members))
  return new Request(origin + pathname, { method: 'POST', headers, body, signal: request.signal })
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
