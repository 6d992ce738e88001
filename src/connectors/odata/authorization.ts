import { type Agent, request } from 'undici'
import type { ODataSettings } from '../../config/odata-schema.ts'
import type { Clock } from '../../model/clock.ts'
import { createFlight } from '../flight.ts'
import { memberOf, unreachable } from './failure.ts'
import type { Refusals, Report } from './refusals.ts'

/**
 * The header `Authorization` of every request: none, Basic (RFC 7617), or a bearer token got with the client credentials
 * (RFC 6749 section 4.4). Called by the client. The token endpoint gets the only POST that this connector sends.
 */
export interface Authorization {
  /** Null: none is sent. Rejects where no token can be had; the message has no secret. */
  header(signal: AbortSignal): Promise<string | null>
  /** A service did not accept this header. True: another may be had. */
  refused(header: string): boolean
}

export interface AuthorizationOptions {
  readonly auth: ODataSettings['auth']
  readonly agent: Agent
  readonly clock: Clock
  readonly refusals: Refusals
}

export function createAuthorization({ auth, agent, clock, refusals }: AuthorizationOptions): Authorization {
  switch (auth.kind) {
    case 'none':
      return { header: async () => null, refused: () => false }
    case 'basic': {
      const header = `Basic ${base64(`${auth.user}:${auth.password}`)}`
      return { header: async () => header, refused: () => false }
    }
    case 'oauth2':
      return bearer(auth, agent, clock, refusals)
    default:
      return auth satisfies never
  }
}

type OAuth2 = Extract<ODataSettings['auth'], { kind: 'oauth2' }>

/** A token is left this long before it ends, or a tenth of its life, so that it does not end on the way. */
const MARGIN_MS = 60_000
/** Where the server does not say. */
const LIFETIME_SECONDS = 300
const MAX_TOKEN_BODY = 65_536
/** Of the client, or of what it asks for: RFC 6749 section 5.2. */
const REFUSALS: readonly number[] = [400, 401, 403]

function bearer(auth: OAuth2, agent: Agent, clock: Clock, refusals: Refusals): Authorization {
  const endpoint = { name: `the token endpoint ${new URL(auth.tokenUrl).host}`, enough: 1 }
  let known: { readonly header: string; readonly until: number } | null = null
  const fetch = createFlight(async signal => {
    const { token, lifetimeMs } = await refusals.attempt(endpoint, report =>
      fetchToken(auth, agent, endpoint.name, report, signal),
    )
    known = { header: `Bearer ${token}`, until: clock.now() + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 10) }
    return known.header
  })
  return {
    header: async signal => (known !== null && clock.now() < known.until ? known.header : fetch(signal)),
    refused(header) {
      if (known?.header === header) known = null
      return true
    },
  }
}

async function fetchToken(auth: OAuth2, dispatcher: Agent, name: string, report: Report, signal: AbortSignal) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (auth.scope !== undefined) form.set('scope', auth.scope)
  const { statusCode, body } = await request(auth.tokenUrl, {
    method: 'POST',
    dispatcher,
    signal,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      // Each part is form-encoded first: RFC 6749 section 2.3.1.
      authorization: `Basic ${base64(`${formEncoded(auth.clientId)}:${formEncoded(auth.clientSecret)}`)}`,
    },
    body: form.toString(),
  }).catch((thrown: unknown) => {
    signal.throwIfAborted()
    throw unreachable(name, thrown)
  })
  const answer = json(await boundedText(body))
  if (statusCode !== 200) {
    const code = memberOf(answer, 'error')
    const said = typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? `, ${code}` : ''
    const error = new Error(`${name} gave no token (${statusCode}${said})`)
    if (REFUSALS.includes(statusCode)) report.refused(error)
    throw error
  }
  report.accepted()
  const [token, type, lifetime] = ['access_token', 'token_type', 'expires_in'].map(name => memberOf(answer, name))
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16000}$/.test(token) || String(type).toLowerCase() !== 'bearer')
    throw new Error(`${name} answered without a bearer token`)
  const seconds = Number(lifetime)
  return { token, lifetimeMs: 1_000 * (seconds > 0 && seconds < 1e7 ? seconds : LIFETIME_SECONDS) }
}

async function boundedText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_TOKEN_BODY) throw new Error('the token endpoint gave more than a token')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
