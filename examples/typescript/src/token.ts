/**
 * Access tokens by the client credentials grant (RFC 6749 §4.4), for `createPatientFetch`: each is kept until shortly
 * before it ends, and given up at once where the gateway has refused it.
 */
export interface TokenOptions {
  /** Of the issuer, as the manufacturer names it. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** What else the issuer wants: `scope`, and `resource` or `audience` where the manufacturer names one. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Unit: milliseconds. Default: the clock of the machine. */
  readonly now?: () => number
}

/** `refused`: the token that was sent last and is not accepted any more, where that is why one is wanted. */
export type TokenSource = (refused?: string) => string | Promise<string>

/** The issuer gives this client no token, whenever it asks. */
export class TokenRefused extends Error {}

interface KeptToken {
  readonly token: string
  readonly until: number
}

const TIMEOUT_MS = 10_000
/** Before its end, so that none ends on its way. */
const SPARE_SECONDS = 60

export function createTokenSource({ now = Date.now, ...options }: TokenOptions): TokenSource {
  let kept: KeptToken | undefined
  let coming: Promise<KeptToken> | undefined
  return async refused => {
    if (kept !== undefined && kept.token !== refused && now() < kept.until) return kept.token
    // One for all who wait.
    coming ??= fetchToken(options, now).finally(() => {
      coming = undefined
    })
    kept = await coming
    return kept.token
  }
}

async function fetchToken(
  { url, clientId, clientSecret, parameters }: TokenOptions,
  now: () => number,
): Promise<KeptToken> {
  const asked = now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa([clientId, clientSecret].map(encodeURIComponent).join(':'))}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer = ((await response.json().catch(() => null)) ?? {}) as Readonly<Record<string, unknown>>
  const { access_token: token, expires_in: seconds, error } = answer
  if (!response.ok || typeof token !== 'string') {
    const Failure = [400, 401, 403].includes(response.status) ? TokenRefused : Error
    throw new Failure(`the issuer gives no token: ${response.status} ${error ?? 'without a reason'}`)
  }
  // A lifetime is recommended to be told (RFC 6749 §5.1); without one, the gateway refuses it some day.
  const lifetime = Number(seconds ?? Number.POSITIVE_INFINITY)
  return { token, until: asked + 1_000 * (lifetime - Math.min(SPARE_SECONDS, lifetime / 2)) }
}
