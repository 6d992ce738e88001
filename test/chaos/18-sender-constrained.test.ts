import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { BAD_PROOFS, createProver } from '../identity/bad-proofs.ts'
import { createKey, type TestKey } from '../identity/issuer.ts'
import { PUBLIC_URL, signProof } from '../identity/proofs.ts'
import { tally } from '../support/arrivals.ts'
import {
  createAuthority,
  createSelfSigned,
  type TestAuthority,
  type TestCertificate,
  writeCertificate,
} from '../support/certificates.ts'
import { type Client, createClient, outcomeOf, type Reply } from '../support/client.ts'
import { createDpopClient, type DpopClient, isNonceWanted, nowSeconds } from '../support/dpop-client.ts'
import { exactly, report } from '../support/figures.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { describeWith } from '../support/needs.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { RETAILER, registerPartner } from '../support/opening.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { until } from '../support/shared-store.ts'
import { type Site, startSite } from '../support/site.ts'
import { systemsOf } from '../support/systems-of.ts'

/**
 * Tokens that are bound to their sender, at two processes with one shared store, over TLS: whoever has a token and not
 * its key or certificate has nothing, and a proof is good for one request in both together.
 */

const AUDIENCE = 'https://gateway.test'
const REPLAYS = 1_000
const DPOP_PARTNER = 'BPNL00000R000121'
const TLS_PARTNER = 'BPNL00000R000139'

describeWith(['postgres', 'redis'], 'tokens bound to their sender, at two processes', () => {
  let directory: string
  let authority: TestAuthority
  let certificate: TestCertificate
  let selfSigned: TestCertificate
  let provider: OpenIdProvider
  let site: Site
  let store: RedisServer
  /** Ends TLS itself; the proxies that it trusts are on no machine of these tests. */
  let direct: GatewayProcess
  /** Trusts whoever connects from this machine to be a proxy. */
  let proxied: GatewayProcess
  let client: Client
  let clientKey: TestKey
  let token: string
  let dpop: DpopClient

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-senders-'))
    authority = await createAuthority('the authority of tests')
    certificate = await authority.issue('retailer', 'client')
    selfSigned = await createSelfSigned('retailer, by itself')
    const ca = join(directory, 'ca.pem')
    await writeFile(ca, authority.cert)
    const files = await writeCertificate(directory, 'gateway', await authority.issue('127.0.0.1', 'server'))
    const scopes = ['parts:read', 'restart:read']
    ;[site, store, provider] = await Promise.all([
      startSite(),
      startRedis(redisBinary() ?? ''),
      startOpenIdProvider({ audience: AUDIENCE, scopes, tls: { authority, client: certificate, selfSigned } }),
    ])
    // What is asked for is who asks.
    const systems = systemsOf({})
    const operator = await site.start({ settings: { systems } })
    const enrol = (bpnl: string, binding: string, clients: readonly string[]) =>
      registerPartner(site, operator, bpnl, { ...RETAILER, clients, token_binding: binding })
    await enrol(DPOP_PARTNER, 'DPOP', ['by-secret'])
    await enrol(TLS_PARTNER, 'MUTUAL_TLS', ['by-key', 'by-certificate', 'by-own-certificate'])
    const start = async (trustedProxies: readonly string[]) => {
      const identity = {
        issuer: provider.issuer,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        keys: { discovery: true, tls: { ca }, timeoutMs: 10_000 },
        publicUrl: PUBLIC_URL,
        clockSkewSeconds: 1,
        dpop: { proofSeconds: 120 },
        clientCertificate: { header: 'client-cert', trustedProxies },
      }
      const settings = {
        // A store that a busy machine makes late would be taken to be away, and nonces be asked for.
        sharedStore: { url: store.url, commandTimeoutMs: 2_000 },
        listen: { port: 0, adminPort: 0, tls: { ...files, clientCertificates: 'optional' } },
        identity,
        systems,
      }
      return startProcess(await site.configure({ settings }))
    }
    ;[direct, proxied] = await Promise.all([start(['10.0.0.0/8']), start(['loopback'])])
    client = createClient({ tls: { ca: authority.cert } })
    clientKey = await createKey('client')
    ;({ token } = await provider.token('by-secret', { proof: htu => proofForIssuer(clientKey, htu) }))
    dpop = createDpopClient({ client, key: clientKey, token })
    for (const { partners } of [direct, proxied])
      await until(async () => {
        const proof = await dpop.proof(partners, { nonce: undefined })
        return (await dpop.send(partners, proof)).status === 200
      })
  })
  afterAll(async () => {
    await client?.close()
    await Promise.all([direct?.kill(), proxied?.kill()])
    await Promise.all([store?.stop(), provider?.close(), site?.stop()])
    await rm(directory, { recursive: true, force: true })
  })

  const proofForIssuer = (key: TestKey, htu: string) =>
    signProof(key, '', { claims: { htu, iat: nowSeconds(), ath: undefined } })
  const bearer = async (name: string) => `Bearer ${(await provider.token(name)).token}`

  describe('DPoP', () => {
    test('each bad proof is refused with one and the same answer, by both', async () => {
      const prover = createProver({
        clientKey,
        otherKey: await createKey('other'),
        token,
        nowSeconds: nowSeconds(),
        tooOldSeconds: 3_600,
      })
      let refused = 0
      for (const [what, make] of BAD_PROOFS)
        for (const { partners } of [direct, proxied]) {
          const proofs = await make(prover)
          const reply = await client.ask(partners, {
            authorization: `DPoP ${token}`,
            ...(proofs.length > 0 && { headers: { dpop: [...proofs] } }),
          })
          const challenge = String(reply.headers['www-authenticate'])
          expect([what, outcomeOf(reply), challenge]).toEqual([
            what,
            '401 UNAUTHENTICATED',
            expect.stringMatching(/^DPoP error="invalid_dpop_proof", algs=/),
          ])
          refused += 1
        }
      report(18, { 'bad proofs refused, over two processes': { value: refused, ...exactly(BAD_PROOFS.length * 2) } })
    })

    /** One proof, over both at once. */
    async function replay(proof: string): Promise<readonly Reply[]> {
      const both = [direct, proxied]
      return Promise.all(Array.from({ length: REPLAYS }, (_, n) => dpop.send(both[n % 2]?.partners ?? '', proof)))
    }
    const outcomes = (replies: readonly Reply[]) =>
      tally(replies.map(reply => ({ outcome: isNonceWanted(reply) ? '401 use_dpop_nonce' : outcomeOf(reply) })))

    test('one proof, 1,000 times at once over both: exactly one is accepted', async () => {
      const startedMs = performance.now()
      const replies = await replay(await dpop.proof(direct.partners, { nonce: undefined }))
      const took = performance.now() - startedMs
      report(18, {
        'sent, of one proof': replies.length,
        'accepted, of one proof': { value: outcomes(replies).ANSWERED ?? 0, ...exactly(1) },
        'took, of one proof': { value: took, unit: 'ms' },
      })
      expect(outcomes(replies)).toEqual({ ANSWERED: 1, '401 UNAUTHENTICATED': REPLAYS - 1 })
    })

    test('and while the store is away, with a nonce of one of them: exactly one, by that one', async () => {
      await store.kill()
      await until(async () => isNonceWanted(await dpop.send(direct.partners, await dpop.proof('elsewhere'))))
      const replies = await replay(await dpop.proof(direct.partners))
      expect(replies.filter(({ status }) => status !== 401).map(outcomeOf)).toEqual(['ANSWERED'])
      report(18, {
        'sent with a nonce, the store away': replies.length,
        'accepted with a nonce, the store away': { value: outcomes(replies).ANSWERED ?? 0, ...exactly(1) },
      })
      await store.restart()
    })

    test('a token that is bound, without a proof or as a bearer token, and a partner enrolled for it with a plain one', async () => {
      for (const { partners } of [direct, proxied])
        for (const authorization of [`DPoP ${token}`, `Bearer ${token}`, await bearer('by-secret')])
          expect(outcomeOf(await client.ask(partners, { authorization }))).toBe('401 UNAUTHENTICATED')
    })
  })

  describe('mutual TLS', () => {
    async function askWith(shown: TestCertificate | null, authorization: string, headers: Record<string, string> = {}) {
      const caller = createClient({ tls: { ca: authority.cert, ...shown } })
      const outcome = outcomeOf(await caller.ask(direct.partners, { authorization, headers }))
      await caller.close()
      return outcome
    }
    const headerOf = ({ cert }: TestCertificate) => ({
      'client-cert': `:${new X509Certificate(cert).raw.toString('base64')}:`,
    })

    test('a token that is bound to a certificate serves over connections with it, and over no other', async () => {
      const other = await authority.issue('retailer', 'client')
      const counts: string[] = []
      for (const [name, own] of [
        ['by-certificate', certificate],
        ['by-own-certificate', selfSigned],
      ] as const) {
        const authorization = await bearer(name)
        expect(await askWith(own, authorization)).toBe('ANSWERED')
        for (const wrong of [other, own === certificate ? selfSigned : certificate, null]) {
          counts.push(await askWith(wrong, authorization))
          // Nor with the right one in a header, from a socket that nobody trusts.
          counts.push(await askWith(wrong, authorization, headerOf(own)))
        }
      }
      expect(new Set(counts)).toEqual(new Set(['401 UNAUTHENTICATED']))
      report(18, {
        "another client's certificate, none, or one in an untrusted header": counts.length,
        'of which accepted': { value: counts.filter(outcome => outcome === 'ANSWERED').length, ...exactly(0) },
      })
    })

    test('a header counts from a proxy that is trusted, where the connection does not', async () => {
      const authorization = await bearer('by-certificate')
      const ask = (headers: Record<string, string>) => client.ask(proxied.partners, { authorization, headers })
      expect(outcomeOf(await ask(headerOf(certificate)))).toBe('ANSWERED')
      expect(outcomeOf(await ask(headerOf(selfSigned)))).toBe('401 UNAUTHENTICATED')
      expect(outcomeOf(await ask({}))).toBe('401 UNAUTHENTICATED')
    })

    test('a partner enrolled for certificates is not served with a plain bearer token, nor with a key', async () => {
      const plain = await bearer('by-key')
      expect(await askWith(certificate, plain)).toBe('401 UNAUTHENTICATED')
      const { token: bound } = await provider.token('by-key', { proof: htu => proofForIssuer(clientKey, htu) })
      const reply = await createDpopClient({ client, key: clientKey, token: bound }).ask(direct.partners)
      expect(outcomeOf(reply)).toBe('401 UNAUTHENTICATED')
    })
  })
})
