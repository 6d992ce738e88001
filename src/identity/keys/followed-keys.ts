import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { readClientTls } from '../../config/client-tls.ts'
import type { RemoteKeySource } from '../../config/identity-schema.ts'
import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import type { Counters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import { discoverKeysUrl } from './discovery.ts'
import { createIssuerClient } from './issuer-client.ts'
import type { SigningKeys } from './signing-keys.ts'
import { usableKeysIn } from './usable-keys.ts'

/**
 * Keys from a URL, or from where the issuer says. They are asked for again when they are old and when a token names an
 * unknown one, but never twice within the cooldown, so that no crowd of forged tokens becomes a crowd of requests. Whoever
 * needs them while they are asked for waits for that one answer. While the issuer does not answer with keys, those that are
 * known keep serving up to `keepSeconds`.
 */
export interface FollowedKeysOptions {
  readonly source: RemoteKeySource
  readonly issuer: string
  /** JWS algorithms of its tokens: keys that serve for none of them do not count. */
  readonly algorithms: readonly string[]
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'info'>
  readonly counters: Counters
}

export async function followKeys(options: FollowedKeysOptions): Promise<SigningKeys> {
  const { source, issuer, algorithms, clock, log, counters } = options
  const client = createIssuerClient(await readClientTls(source.tls ?? {}))
  const counted = {
    loaded: counters.counter('issuer_key_fetches', { outcome: 'loaded' }),
    failed: counters.counter('issuer_key_fetches', { outcome: 'failed' }),
  }
  /** Another function for other keys, and the same one while they stay the same. */
  let find: JWTVerifyGetKey | null = null
  let published = ''
  let askedAt = Number.NEGATIVE_INFINITY
  let loadedAt = Number.NEGATIVE_INFINITY
  let failure: Error | null = null
  let asking: Promise<void> | undefined

  async function load(): Promise<void> {
    const signal = AbortSignal.timeout(source.timeoutMs)
    try {
      const url = source.kind === 'url' ? source.url : await discoverKeysUrl(client, issuer, signal)
      const { status, value } = await client.getJson(url, signal)
      if (status !== 200) throw new Error(`${url} answered ${status}`)
      const usable = await usableKeysIn(value, algorithms, url)
      const text = JSON.stringify(usable)
      if (text !== published) find = createLocalJWKSet(usable)
      published = text
      loadedAt = askedAt
      counted.loaded()
      if (failure !== null) log.info({ issuer }, 'the keys of the issuer are there again')
      failure = null
    } catch (thrown) {
      counted.failed()
      const isFirst = failure === null
      failure = ensureError(thrown)
      if (isFirst) log.warn({ issuer, error: failure }, 'the keys of the issuer cannot be fetched')
    }
  }

  /** Asks, or joins who is asking; within the cooldown it does nothing. */
  function ask(): Promise<void> {
    if (asking !== undefined) return asking
    const sinceAsked = clock.now() - askedAt
    if (sinceAsked >= 0 && sinceAsked < source.cooldownSeconds * 1_000) return Promise.resolve()
    askedAt = clock.now()
    asking = load().finally(() => {
      asking = undefined
    })
    return asking
  }

  const isOlderThan = (seconds: number) => Math.abs(clock.now() - loadedAt) >= seconds * 1_000
  const isUsable = () => find !== null && !isOlderThan(source.keepSeconds)

  /** Keys that are due are waited for, but behind an issuer that failed the last time only where there are no others. */
  async function refresh(): Promise<void> {
    if (!isOlderThan(source.refreshSeconds)) return
    const asked = ask()
    if (failure === null || !isUsable()) await asked
  }

  // Known before the first token comes.
  void ask()
  return {
    async find(header, token) {
      await refresh()
      if (find === null || !isUsable()) throw new Error('the keys of the issuer are not known', { cause: failure })
      try {
        return await find(header, token)
      } catch (thrown) {
        if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown
        await ask()
        return find(header, token)
      }
    },
    version() {
      // Where all tokens are known, nobody else would ask.
      if (isOlderThan(source.refreshSeconds)) void ask()
      return isUsable() ? find : null
    },
    health: () => ({
      source: source.kind,
      ageSeconds: find === null ? null : Math.max(0, (clock.now() - loadedAt) / 1_000),
      usable: isUsable(),
      reachable: asking !== undefined && find === null ? null : failure === null,
      failure: failure?.message ?? null,
    }),
    close: () => client.close(),
  }
}
