import { Agent, request } from 'undici'
import type { ODataSettings } from '../../config/odata-schema.ts'
import type { ClientTls } from '../../model/client-tls.ts'
import type { Clock } from '../../model/clock.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import { createAuthorization } from './authorization.ts'
import { boundedBody, decodedBody } from './body.ts'
import { odataErrorOf, ServiceError, unreachable, untrusted } from './failure.ts'
import { createHolds } from './holds.ts'
import { createRefusals, type Report } from './refusals.ts'

/**
 * Sends GET to the services below one URL, and nothing else: its one request function takes no method. Called by
 * everything here that asks a service. It follows no redirect, bounds what it takes in, and lets nobody wait longer than
 * the caller's signal.
 */
export interface Client {
  /** The body of a 200 of the media type. Rejects with `ServiceError`, `SYSTEM_DATA_INVALID`, or the signal's reason. */
  get(service: string, path: string, media: Media, signal: AbortSignal): Promise<string>
  /** The URL below `baseUrl` that `get` asks. */
  urlOf(service: string, path: string): string
  warning(): string | null
  close(): Promise<void>
}

export type Media = 'json' | 'xml' | 'text'

export interface ClientOptions {
  readonly system: SystemKey
  readonly settings: ODataSettings
  readonly tls: ClientTls
  /** Longest silence of a server, in milliseconds. */
  readonly deadlineMs: number
  readonly clock: Clock
  readonly counters: Counters
}

const ACCEPT: Readonly<Record<ODataSettings['version'], Readonly<Record<Media, string>>>> = {
  V2: { json: 'application/json', xml: 'application/xml', text: 'text/plain' },
  // Decimals and 64-bit integers as text, which loses no digit on the way: OData JSON Format 4.01 section 3.2.
  V4: {
    json: 'application/json;odata.metadata=minimal;IEEE754Compatible=true',
    xml: 'application/xml',
    text: 'text/plain',
  },
}

const MEDIA_TYPES: Readonly<Record<Media, RegExp>> = {
  json: /^application\/json\b/i,
  xml: /^(application|text)\/([\w.-]+\+)?xml\b/i,
  text: /^text\/plain\b/i,
}

/** One may be about what was asked for, which others have a right to; a 401 is always about who asks. */
const FORBIDDEN_ENOUGH = 3

export function createClient(options: ClientOptions): Client {
  const { system, settings, tls, deadlineMs, clock, counters } = options
  const agentOf = (connect: ClientTls) =>
    new Agent({
      connections: settings.concurrency,
      pipelining: 1,
      // One request at a time on a connection, so that `concurrency` holds.
      allowH2: false,
      connect: { ...connect, timeout: settings.connectTimeoutMs },
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
    })
  const agent = agentOf(tls)
  // The name that `tls` expects is that of the services, not of the token endpoint.
  const { servername: _, ...tokenTls } = tls
  const tokenAgent = agentOf(tokenTls)
  const holds = createHolds(clock)
  const refusals = createRefusals(clock)
  const authorization = createAuthorization({ auth: settings.auth, agent: tokenAgent, clock, refusals })
  const base = settings.baseUrl.replace(/\/+$/, '')
  let closed = false

  function urlOf(service: string, path: string): string {
    return [base, ...(service === '' ? [] : [service]), path].join('/')
  }

  async function get(service: string, path: string, media: Media, signal: AbortSignal): Promise<string> {
    const name = service === '' ? 'the service' : service
    if (closed) throw new Error('the connector to the services is closed')
    signal.throwIfAborted()
    holds.check(name)
    const [resource] = path.split(/[?(]/, 1)
    return refusals.attempt({ name, enough: 1 }, logon =>
      refusals.attempt({ name: `${name}/${resource}`, enough: FORBIDDEN_ENOUGH }, right =>
        ask({ name, url: urlOf(service, path), path, media, logon, right }, signal),
      ),
    )
  }

  interface Asked {
    readonly name: string
    readonly url: string
    readonly path: string
    readonly media: Media
    /** Of the credentials to the service, and of their right to what is read. */
    readonly logon: Report
    readonly right: Report
  }

  async function ask({ name, url, path, media, logon, right }: Asked, signal: AbortSignal): Promise<string> {
    try {
      const header = await authorization.header(signal)
      const answer = await send(name, url, media, header, signal)
      const renewed = answer.status === 401 && header !== null && authorization.refused(header)
      const { status, headers, body } = renewed
        ? await send(name, url, media, await authorization.header(signal), signal)
        : answer
      counters.count('odata_requests', { system, status: `${Math.floor(status / 100)}xx` })
      if (status === 429 || status === 503) holds.note(name, textOf(headers['retry-after']))
      if (status >= 300 && status < 400) throw new Error(`${name} sent a redirect (${status}), which is not followed`)
      if (status !== 200) {
        const error = new ServiceError(name, status, odataErrorOf(body.toString('utf8'), decoded(path)))
        if (status === 401) logon.refused(error)
        if (status === 403) right.refused(error)
        throw error
      }
      logon.accepted()
      right.accepted()
      const text = decodedBody(body, system, name)
      const type = textOf(headers['content-type']) ?? ''
      if (MEDIA_TYPES[media].test(type)) return text
      const what = /^text\/html\b/i.test(type) ? 'a web page, perhaps a login page' : 'another media type'
      throw untrusted(system, `${name} answered with ${what} instead of ${ACCEPT.V2[media]}`)
    } catch (thrown) {
      // The client's own error says only that it was aborted.
      signal.throwIfAborted()
      throw thrown
    }
  }

  async function send(name: string, url: string, media: Media, header: string | null, signal: AbortSignal) {
    const version = settings.version === 'V2' ? { maxdataserviceversion: '2.0' } : { 'odata-maxversion': '4.01' }
    const { statusCode, headers, body } = await request(url, {
      method: 'GET',
      dispatcher: agent,
      signal,
      headers: {
        ...settings.headers,
        ...version,
        accept: ACCEPT[settings.version][media],
        'accept-encoding': 'identity',
        ...(header === null ? {} : { authorization: header }),
      },
    }).catch((thrown: unknown) => {
      signal.throwIfAborted()
      throw unreachable(name, thrown)
    })
    return { status: statusCode, headers, body: await boundedBody(body, system, settings.maxBodyBytes, signal) }
  }

  return {
    get,
    urlOf,
    warning: () => holds.warning() ?? refusals.warning(),
    async close() {
      closed = true
      await Promise.all([agent.destroy(), tokenAgent.destroy()])
    },
  }
}

/** A service may write its own links in another encoding; what is no UTF-8 stays as it is. */
function decoded(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, codes => {
    try {
      return decodeURIComponent(codes)
    } catch {
      return codes
    }
  })
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
