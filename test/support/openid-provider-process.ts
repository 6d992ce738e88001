import { randomUUID, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, {
  type AdapterFactory,
  type AdapterPayload,
  type ClientMetadata,
  type Configuration,
} from 'oidc-provider'

/** The OpenID provider of tests: a process of its own, started and told what to do by `openid-provider.ts`. */

export interface ProviderSettings {
  readonly audience: string
  readonly scopes: readonly string[]
  /** Clients besides those named by how they authenticate. */
  readonly clients: readonly string[]
  /** Of these, and of the client `by-secret`. */
  readonly secret: string
  /** Of the client `by-key`. */
  readonly publicKey: JWK & Record<string, unknown>
  /** PEM; null: http. */
  readonly tls: {
    readonly cert: string
    readonly key: string
    readonly ca: string
    readonly client: string
    readonly selfSigned: string
  } | null
}

export type ProviderCall =
  | 'announce'
  | 'rotate'
  | 'rotateAtOnce'
  | 'leave'
  | 'comeBack'
  | 'freeze'
  | 'thaw'
  | 'keyRequests'
  | 'signingKey'

async function startProvider(settings: ProviderSettings) {
  const { tls } = settings
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) => response.destroy()
  let isFrozen = false
  let keyRequests = 0
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/jwks')) keyRequests++
    if (!isFrozen) answer(request, response)
  }
  const server = tls
    ? createTlsServer(
        { cert: tls.cert, key: tls.key, ca: tls.ca, requestCert: true, rejectUnauthorized: false },
        listener,
      )
    : createServer(listener)
  const listen = (port: number) => new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`

  /** The first signs, all are published. */
  let keys: readonly JWK[] = []
  let announced: JWK | null = null
  function publish(published: readonly JWK[]): void {
    keys = published
    const configuration = { ...configurationOf(settings), jwks: { keys }, clients: clientsOf(settings) }
    answer = new Provider(issuer, configuration as unknown as Configuration).callback()
  }
  publish([await createKey()])

  const calls: Readonly<Record<ProviderCall, () => unknown>> = {
    async announce() {
      announced = await createKey()
      publish([...keys, announced])
    },
    async rotate() {
      const next = announced ?? (await createKey())
      announced = null
      publish([next, ...keys.filter(key => key !== next)])
    },
    async rotateAtOnce() {
      publish([await createKey()])
    },
    signingKey: () => keys[0],
    leave: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    comeBack: () => listen(port),
    freeze() {
      isFrozen = true
    },
    thaw() {
      isFrozen = false
      server.closeAllConnections()
    },
    keyRequests: () => keyRequests,
  }
  return { issuer, calls }
}

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomUUID() }
}

function clientsOf({ tls, clients, publicKey, secret }: ProviderSettings): ClientMetadata[] {
  const base = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }
  const bound = { ...base, tls_client_certificate_bound_access_tokens: true }
  return [
    ...['by-secret', ...clients].map(name => ({
      ...base,
      client_id: name,
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_basic' as const,
    })),
    {
      ...base,
      client_id: 'by-key',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicKey] },
    },
    ...(tls
      ? [
          {
            ...bound,
            client_id: 'by-certificate',
            token_endpoint_auth_method: 'tls_client_auth' as const,
            tls_client_auth_subject_dn: new X509Certificate(tls.client).subject,
          },
          {
            ...bound,
            client_id: 'by-own-certificate',
            token_endpoint_auth_method: 'self_signed_tls_client_auth' as const,
            jwks: { keys: [selfSignedJwk(tls.selfSigned)] },
          },
        ]
      : []),
  ]
}

function selfSignedJwk(cert: string): Record<string, unknown> {
  const certificate = new X509Certificate(cert)
  return { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] }
}

/** Where the provider keeps what it must not take twice. */
function adapterOver(kept: Map<string, AdapterPayload>): AdapterFactory {
  return model => ({
    upsert: async (id, payload) => void kept.set(`${model}:${id}`, payload),
    find: async id => kept.get(`${model}:${id}`),
    consume: async () => {},
    destroy: async id => void kept.delete(`${model}:${id}`),
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
    revokeByGrantId: async () => {},
  })
}

function configurationOf({ audience, scopes }: ProviderSettings): Configuration {
  const scope = scopes.join(' ')
  const certificateOf = (socket: TLSSocket) => socket.getPeerX509Certificate()
  return {
    scopes: [...scopes],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    adapter: adapterOver(new Map()),
    ttl: { ClientCredentials: 86_400 },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        tlsClientAuth: true,
        getCertificate: ctx => certificateOf(ctx.socket as TLSSocket)?.toString(),
        certificateAuthorized: ctx => (ctx.socket as TLSSocket).authorized,
        certificateSubjectMatches: (ctx, _, expected) => certificateOf(ctx.socket as TLSSocket)?.subject === expected,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope,
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}

process.on('disconnect', () => process.exit())
process.once('message', async (settings: ProviderSettings) => {
  const started = await startProvider(settings)
  process.send?.({ issuer: started.issuer })
  process.on('message', async ({ id, call }: { readonly id: number; readonly call: ProviderCall }) => {
    process.send?.({ id, value: (await started.calls[call]()) ?? null })
  })
})
