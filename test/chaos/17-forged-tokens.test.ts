import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { base64url, decodeJwt, importJWK } from 'jose'
import { createForger, FORGERIES, type Forger } from '../identity/forgeries.ts'
import { createKey, type TestKey } from '../identity/issuer.ts'
import { type Arrival, latency, startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, outcomeOf, type Reply } from '../support/client.ts'
import { nowSeconds } from '../support/dpop-client.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { RETAILER, registerPartner } from '../support/opening.ts'
import { until } from '../support/shared-store.ts'
import { describeOnSite, type Site, startSite } from '../support/site.ts'
import { systemsOf } from '../support/systems-of.ts'

/**
 * Everything that is not the issuer's word, at a running gateway that finds its keys by discovery: one and the same
 * refusal, and nobody is asked anything for it. The issuer changes its keys meanwhile, and no client notices.
 */

const AUDIENCE = 'https://gateway.test'
const COOLDOWN_SECONDS = 1
const UNKNOWN_KEYS = 10_000
const PER_SECOND = 100
const ROTATION_MS = sized(1_500, 10_000)

/** What HTTP does not carry: the client would not send it, so it is tested without a network. */
const NOT_A_HEADER = ['a line break inside']
/** More than the edge reads of any request's headers. */
const TOO_LONG = ['a kid of 1 MiB']
/** Which is no attempt to show a token, and so is not told that it was wrong (RFC 6750 §3.1). */
const NO_TOKEN = ['nothing']

describeOnSite('a running gateway with the keys of a real OpenID provider', () => {
  let site: Site
  let provider: OpenIdProvider
  let gateway: GatewayProcess
  let client: Client
  let elsewhere: Server
  let elsewhereAsked = 0
  let good: string
  let forger: Forger

  beforeAll(async () => {
    elsewhere = createServer(socket => {
      elsewhereAsked += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    ;[site, provider] = await Promise.all([
      startSite(),
      startOpenIdProvider({ audience: AUDIENCE, scopes: ['parts:read', 'restart:read'] }),
    ])
    // What is asked for is who asks.
    const systems = systemsOf({})
    const operator = await site.start({ settings: { systems } })
    await registerPartner(site, operator, 'BPNL00000R000121', { ...RETAILER, clients: ['by-secret'] })
    const keys = { discovery: true, cooldownSeconds: COOLDOWN_SECONDS, timeoutMs: 10_000 }
    const identity = { issuer: provider.issuer, audience: AUDIENCE, algorithms: ['ES256'], keys }
    gateway = await startProcess(await site.configure({ settings: { identity, systems } }))
    client = createClient()
    good = await bearer()
    const { port } = elsewhere.address() as { readonly port: number }
    const key = await signingKey()
    forger = createForger({
      key,
      rogue: await createKey(key.kid),
      claims: decodeJwt(good.slice('Bearer '.length)),
      elsewhere: `http://127.0.0.1:${port}`,
      nowSeconds: nowSeconds(),
      beyondSeconds: 3_600,
    })
  })
  afterAll(async () => {
    await client?.close()
    await gateway?.kill()
    await provider?.close()
    await site?.stop()
    elsewhere?.close()
  })

  const bearer = async () => `Bearer ${(await provider.token('by-secret')).token}`
  async function signingKey(): Promise<TestKey> {
    const { d: _, ...publicJwk } = await provider.signingKey()
    const privateKey = await importJWK(await provider.signingKey(), 'ES256')
    if (privateKey instanceof Uint8Array) throw new Error('a secret, not a key')
    const kid = publicJwk.kid ?? ''
    return { kid, alg: 'ES256', privateKey, publicJwk: { ...publicJwk, kid } }
  }
  const ask = (authorization: string) => client.ask(gateway.partners, { authorization })

  /** Runs it, and holds the gateway to one question for keys in each cooldown. */
  async function boundedInFetches(run: () => Promise<void>): Promise<{ fetches: number; seconds: number }> {
    const before = await provider.keyRequests()
    const startedMs = performance.now()
    await run()
    const seconds = (performance.now() - startedMs) / 1_000
    const fetches = (await provider.keyRequests()) - before
    expect(fetches).toBeLessThanOrEqual(Math.floor(seconds / COOLDOWN_SECONDS) + 1)
    return { fetches, seconds }
  }

  /** What the client sees of an answer, but for what differs in any two: its time and its id. */
  function seen({ status, headers, body }: Reply): object {
    const { date: _date, 'x-request-id': requestId, ...rest } = headers
    const text = JSON.stringify(body).replaceAll(String(requestId), '')
    return { status, headers: rest, text }
  }

  test('what the issuer signed is taken, so that a forgery is refused for its one fault', async () => {
    expect(outcomeOf(await ask(good))).toBe('ANSWERED')
    expect(outcomeOf(await ask(`Bearer ${await forger.sign()}`))).toBe('ANSWERED')
  })

  test('every forged token gets one and the same refusal, and nobody is asked anything', async () => {
    const refusal = seen(await ask('Bearer hello'))
    expect(refusal).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
    const outcomes: string[] = []
    const { fetches, seconds } = await boundedInFetches(async () => {
      for (const [name, make] of FORGERIES) {
        if (NOT_A_HEADER.includes(name)) continue
        const reply = await ask(`Bearer ${await make(forger)}`).catch((thrown: Error) => thrown)
        if (TOO_LONG.includes(name)) {
          // Refused before it is read; the connection may end while the client still sends.
          expect([name, reply instanceof Error || reply.status]).toEqual([name, reply instanceof Error || 431])
          outcomes.push(reply instanceof Error ? 'disconnected' : outcomeOf(reply))
          continue
        }
        if (reply instanceof Error) throw reply
        outcomes.push(outcomeOf(reply))
        const headers = NO_TOKEN.includes(name) ? { headers: expect.anything() } : {}
        expect([name, seen(reply)]).toEqual([name, { ...refusal, ...headers }])
      }
    })
    expect(elsewhereAsked).toBe(0)
    report(17, {
      'forged tokens': outcomes.length,
      'answers of the one refusal': {
        value: outcomes.filter(outcome => outcome === '401 UNAUTHENTICATED').length,
        ...exactly(outcomes.length - TOO_LONG.length),
      },
      'key fetches for forged tokens': {
        value: fetches,
        atMost: Math.floor(seconds / COOLDOWN_SECONDS) + 1,
      },
      'fetches from elsewhere': { value: elsewhereAsked, ...exactly(0) },
    })
  })

  /** Forged by who does not even try: the key is looked up before the signature is. */
  const unknown = (n: number) => {
    const header = base64url.encode(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `unknown-${n}` }))
    return `Bearer ${header}.${base64url.encode(JSON.stringify(forger.claims))}.${'A'.repeat(86)}`
  }

  test('10,000 unknown keys are asked for once in a cooldown, and good tokens are served meanwhile', async () => {
    const replies: string[] = []
    let next = 0
    const flood = async () => {
      while (next < UNKNOWN_KEYS) {
        next += 1
        replies.push(outcomeOf(await ask(unknown(next))))
      }
    }
    const served = startArrivals({ perSecond: 20, ask: async () => outcomeOf(await ask(good)) })
    const { fetches, seconds } = await boundedInFetches(async () => {
      await Promise.all(Array.from({ length: 32 }, flood))
    })
    const arrivals = await served.stop()
    expect(tally(replies.map(outcome => ({ outcome })))).toEqual({ '401 UNAUTHENTICATED': UNKNOWN_KEYS })
    expect(tally(arrivals)).toEqual({ ANSWERED: arrivals.length })
    report(17, {
      'unknown keys': { value: replies.length, ...exactly(UNKNOWN_KEYS) },
      'key fetches for unknown keys': { value: fetches, atMost: Math.floor(seconds / COOLDOWN_SECONDS) + 1 },
      'flood took': { value: seconds, unit: 's' },
      'good tokens refused meanwhile': {
        value: arrivals.filter(({ outcome }) => outcome !== 'ANSWERED').length,
        ...exactly(0),
        of: arrivals.length,
      },
      'p99 of good tokens meanwhile': { value: latency(arrivals).p99Ms, unit: 'ms' },
    })
  })

  describe('the issuer changes its keys under load', () => {
    /** Clients that take their token from the issuer anew every so many requests. */
    function clients(renewEvery: number, onRefusal: () => Promise<string> = async () => '401') {
      let token = bearer()
      return startArrivals({
        perSecond: PER_SECOND,
        async ask(n) {
          if (n % renewEvery === 0) token = bearer()
          const outcome = outcomeOf(await ask(await token))
          return outcome.startsWith('401') ? onRefusal() : outcome
        },
      })
    }
    const reportRotation = (what: string, arrivals: readonly Arrival[], fetches: number) =>
      report(17, {
        [`lost, ${what}`]: {
          value: arrivals.filter(({ outcome }) => !outcome.startsWith('ANSWERED')).length,
          ...exactly(0),
          of: arrivals.length,
        },
        [`p99, ${what}`]: { value: latency(arrivals).p99Ms, unit: 'ms' },
        [`key fetches, ${what}`]: fetches,
      })
    const pastCooldown = () => setTimeout(COOLDOWN_SECONDS * 1_000 + 200)

    test('the old one stays published: no request is refused, with tokens by the old and by the new', async () => {
      await pastCooldown()
      const before = await bearer()
      let arrivals: readonly Arrival[] = []
      const { fetches } = await boundedInFetches(async () => {
        const load = [
          clients(10),
          startArrivals({ perSecond: PER_SECOND, ask: async () => outcomeOf(await ask(before)) }),
        ]
        await setTimeout(ROTATION_MS / 3)
        await provider.rotate()
        await setTimeout(ROTATION_MS)
        arrivals = (await Promise.all(load.map(each => each.stop()))).flat()
      })
      reportRotation('the old key stays published', arrivals, fetches)
      expect(tally(arrivals)).toEqual({ ANSWERED: arrivals.length })
      expect(fetches).toBe(1)
    })

    test('announced a cooldown ahead: no request is refused, even while forged tokens use up every question', async () => {
      let arrivals: readonly Arrival[] = []
      const { fetches } = await boundedInFetches(async () => {
        const load = clients(10)
        let forged = 0
        const flood = startArrivals({ perSecond: PER_SECOND, ask: async () => outcomeOf(await ask(unknown(forged++))) })
        await provider.announce()
        const asked = await provider.keyRequests()
        // Whoever announces waits as long as it takes for the gateway to ask: the answer to the first may be on its way.
        await until(async () => (await provider.keyRequests()) >= asked + 2)
        await provider.rotate()
        await setTimeout(ROTATION_MS)
        expect(tally(await flood.stop())).toEqual({ '401 UNAUTHENTICATED': expect.any(Number) })
        arrivals = await load.stop()
      })
      reportRotation('announced, under forged tokens', arrivals, fetches)
      expect(tally(arrivals)).toEqual({ ANSWERED: arrivals.length })
    })

    test('at once, the old one withdrawn: clients that get a new token when refused lose no request', async () => {
      await pastCooldown()
      const before = await bearer()
      let arrivals: readonly Arrival[] = []
      const { fetches } = await boundedInFetches(async () => {
        let renewed: Promise<string> | undefined
        const load = clients(1_000_000, async () => {
          renewed ??= bearer()
          return `${outcomeOf(await ask(await renewed))} with a new token`
        })
        await setTimeout(ROTATION_MS / 3)
        await provider.rotateAtOnce()
        // One client meets the new key, and by it the gateway.
        expect(outcomeOf(await ask(await bearer()))).toBe('ANSWERED')
        await setTimeout(ROTATION_MS)
        arrivals = await load.stop()
      })
      reportRotation('at once, the old key withdrawn', arrivals, fetches)
      expect(arrivals.filter(({ outcome }) => !outcome.startsWith('ANSWERED'))).toEqual([])
      expect(arrivals.some(({ outcome }) => outcome === 'ANSWERED with a new token')).toBe(true)
      expect(outcomeOf(await ask(before))).toBe('401 UNAUTHENTICATED')
    })
  })

  test('the gateway has not answered with a failure of its own', () => {
    expect(gateway.log()).toMatch(/"status":401/)
    const failures = gateway.log().match(/"status":5\d\d/g) ?? []
    report(17, { 'answers of 5xx': { value: failures.length, ...exactly(0) } })
  })
})
