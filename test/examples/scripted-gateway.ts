import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach } from '@jest/globals'

/** A server that gives answers by a script, to see what the examples make of them: what a gateway gives when it is asked at the wrong time. */

export interface Scripted {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown
}

/** Answers by itself, as where an answer comes in pieces or breaks off. */
export type Performed = (response: ServerResponse) => void

export interface Came {
  readonly method: string | undefined
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** One of each test, from when it is given its script; closed after the test. */
export interface ScriptedGateway {
  readonly url: string
  /** Those that were answered, in order. */
  readonly requests: readonly Came[]
  /** Gives one answer after the other, and the last one again and again; or those of a path of its own. */
  script(answers: Answers, ofPath?: Readonly<Record<string, Answers>>): Promise<void>
}

type Answers = readonly (Scripted | Performed)[]

export function scriptedGateway(): ScriptedGateway {
  let running: Running | null = null
  afterEach(async () => {
    await running?.close()
    running = null
  })
  const now = (): Running => {
    if (running === null) throw new Error('the gateway has no script yet')
    return running
  }
  return {
    get url() {
      return now().url
    },
    get requests() {
      return now().requests
    },
    async script(answers, ofPath = {}) {
      running = await startScripted(answers, ofPath)
    },
  }
}

interface Running extends Pick<ScriptedGateway, 'url' | 'requests'> {
  close(): Promise<void>
}

async function startScripted(answers: Answers, ofPath: Readonly<Record<string, Answers>>): Promise<Running> {
  const requests: Came[] = []
  const given = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const { method, url = '', headers } = request
    requests.push({ method, url, headers, body: await text(request) })
    const [path = ''] = url.split('?')
    const script = ofPath[path] ?? answers
    const key = path in ofPath ? path : ''
    const count = given.get(key) ?? 0
    given.set(key, count + 1)
    const next = script[Math.min(count, script.length - 1)] ?? { status: 500 }
    if (typeof next === 'function') next(response)
    else answer(response, next)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, { status, headers, body = {} }: Scripted): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(status === 304 ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
}

export const refused = (code: string, extensions = {}) => ({
  errors: [{ message: code, extensions: { code, ...extensions } }],
})
export const BUSY: Scripted = { status: 503, headers: { 'retry-after': '0' }, body: refused('OVERLOADED') }
/** Every field of it is null. */
export const NOTHING: Scripted = {
  status: 200,
  headers: { 'retry-after': '0' },
  body: { data: { partAvailability: null }, ...refused('SYSTEM_UNAVAILABLE') },
}
export const GOOD: Scripted = { status: 200, headers: { etag: 'W/"1"' }, body: { data: { partAvailability: [] } } }
/** With the tag of an answer of which a part comes. */
export const BREAKS_OFF: Performed = response => {
  response.writeHead(200, { etag: 'W/"2"', 'content-type': 'application/json', 'content-length': 100 })
  response.write('{"data":')
  setTimeout(() => response.destroy(), 50)
}
