import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { Agent, request } from 'undici'
import type { TestAuthority, TestCertificate } from './certificates.ts'
import type { ProviderCall, ProviderSettings } from './openid-provider-process.ts'

/**
 * A real OpenID provider on this machine, which tests can rotate, freeze and take away. Its clients are given access tokens
 * (RFC 9068) for the gateway by their credentials, by every way of authentication that the gateway has to do with.
 */
export interface OpenIdProvider {
  readonly issuer: string
  /** How often its JWK set was asked for. */
  keyRequests(): Promise<number>
  /** Asks the token endpoint as a client: `by-secret`, `by-key`, `by-certificate`, `by-own-certificate` or one of the options. */
  token(client: string, options?: TokenOptions): Promise<IssuedToken>
  /** Publishes the key that it will sign with after the next rotation, beside those that it has. */
  announce(): Promise<void>
  /** Signs with a new key from now on, or with that which it announced; the old ones stay published. */
  rotate(): Promise<void>
  /** Signs with a new key from now on; the old ones are published no more. */
  rotateAtOnce(): Promise<void>
  /** The private key that it signs with, for whoever wants to sign in its name what it would not. */
  signingKey(): Promise<JWK>
  /** Holds every request without an answer, until it is thawed. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Lets nobody connect. */
  leave(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export interface TokenOptions {
  /** Makes a proof for the token endpoint, to whose key the token is bound then. */
  readonly proof?: (url: string) => Promise<string>
}

export interface IssuedToken {
  readonly token: string
  /** `Bearer` or `DPoP`. */
  readonly type: string
}

export interface OpenIdProviderOptions {
  readonly audience: string
  readonly scopes: readonly string[]
  /** Names of clients that it has besides, each with a secret. */
  readonly clients?: readonly string[]
  /** For https, where clients show their certificates. Left out: http, without those clients. */
  readonly tls?: {
    readonly authority: TestAuthority
    /** Of `by-certificate`, signed by the authority. */
    readonly client: TestCertificate
    /** Of `by-own-certificate`, signed by itself. */
    readonly selfSigned: TestCertificate
  }
}

const SECRET = 'the-secret-of-a-client-in-tests'
const PROGRAM = fileURLToPath(new URL('openid-provider-process.ts', import.meta.url))

export async function startOpenIdProvider(options: OpenIdProviderOptions): Promise<OpenIdProvider> {
  const { audience, scopes, clients = [], tls } = options
  const clientKeys = await generateKeyPair('ES256')
  const settings: ProviderSettings = {
    audience,
    scopes,
    clients,
    secret: SECRET,
    publicKey: { ...(await exportJWK(clientKeys.publicKey)) },
    tls: tls
      ? {
          ...(await tls.authority.issue('127.0.0.1', 'server')),
          ca: tls.authority.cert,
          client: tls.client.cert,
          selfSigned: tls.selfSigned.cert,
        }
      : null,
  }
  // Its notices to developers are nothing for the output of tests.
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
  child.send(settings)
  const [{ issuer }] = (await once(child, 'message')) as [{ readonly issuer: string }]

  let calls = 0
  const call = (name: ProviderCall) =>
    new Promise<unknown>(resolve => {
      const id = calls++
      const listener = (answer: { readonly id: number; readonly value: unknown }) => {
        if (answer.id !== id) return
        child.off('message', listener)
        resolve(answer.value)
      }
      child.on('message', listener)
      child.send({ id, call: name })
    })
  const tell = (name: ProviderCall) => async () => void (await call(name))

  async function authentication(client: string): Promise<{ headers?: object; form?: Record<string, string> }> {
    if (client === 'by-secret' || clients.includes(client))
      return { headers: { authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}` } }
    if (client !== 'by-key') return { form: { client_id: client } }
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(clientKeys.privateKey)
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    return { form: { client_assertion_type: type, client_assertion: assertion } }
  }
  const certificateOf = (client: string) =>
    client === 'by-certificate' ? tls?.client : client === 'by-own-certificate' ? tls?.selfSigned : undefined

  return {
    issuer,
    keyRequests: async () => Number(await call('keyRequests')),
    async token(client, { proof } = {}) {
      const connect = { ...(tls && { ca: tls.authority.cert }), ...certificateOf(client) }
      const dispatcher = new Agent({ connect, pipelining: 0 })
      const { headers, form } = await authentication(client)
      const url = `${issuer}/token`
      const { statusCode, body } = await request(url, {
        method: 'POST',
        dispatcher,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
          ...(proof && { dpop: await proof(url) }),
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: scopes.join(' '),
          resource: audience,
          ...form,
        }).toString(),
      })
      const given = (await body.json()) as { readonly access_token?: string; readonly token_type?: string }
      await dispatcher.close()
      if (statusCode !== 200 || given.access_token === undefined)
        throw new Error(`the provider gave no token: ${JSON.stringify(given)}`)
      return { token: given.access_token, type: given.token_type ?? '' }
    },
    announce: tell('announce'),
    rotate: tell('rotate'),
    rotateAtOnce: tell('rotateAtOnce'),
    signingKey: async () => (await call('signingKey')) as JWK,
    freeze: tell('freeze'),
    thaw: tell('thaw'),
    leave: tell('leave'),
    comeBack: tell('comeBack'),
    async close() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
