import { isIP } from 'node:net'
import { z } from 'zod'
import { type ClientTlsSettings, clientTlsSchema } from './client-tls.ts'
import { group, line, matching, path, url, whole } from './setting.ts'

/** Whose access tokens the gateway takes, and what ties them to who sends them. Called by the schema of the configuration. */

/** JWS algorithms with a public key (RFC 7518, RFC 8037, RFC 9864): with a shared secret, whoever verifies could sign. */
const SIGNATURE_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const

const algorithms = z.array(z.enum(SIGNATURE_ALGORITHMS)).min(1)

export function identitySchema(directory: string) {
  return z
    .strictObject({
      issuer: url({ is: 'Issuer of the access tokens: their claim iss, exactly' }),
      audience: line({ is: 'This gateway as the issuer knows it: in the claim aud of the access tokens' }),
      algorithms: algorithms.meta({
        description: 'The signature algorithms of the issuer. No other is accepted. Required.',
      }),
      keys: keysSchema(directory).optional(),
      clockSkewSeconds: whole({
        is: "How far the issuer's clock may be off",
        unit: 'seconds',
        from: 0,
        to: 300,
        preset: 30,
      }),
      knownTokens: whole({
        is: 'Access tokens that are remembered once they are verified, of 2 KiB each: a longer one counts as several; 0: none',
        from: 0,
        to: 1_000_000,
        preset: 10_000,
      }),
      publicUrl: z
        .preprocess(value => (typeof value === 'string' ? [value] : value), z.array(publicUrl).min(1).max(8))
        .optional()
        .meta({
          description:
            'URL, or list of URLs, that partners know this gateway by, without /graphql: what DPoP proofs must name. Left out: no DPoP.',
        }),
      dpop,
      clientCertificate: clientCertificate.optional(),
    })
    .meta({ description: 'Access tokens (RFC 9068), bearer or bound to their sender.' })
}

const publicUrl = url({ is: 'URL of this gateway' }).refine(text => !/[?]/.test(text), {
  error: 'must be a URL without a query',
})

const dpop = group('Proofs of possession by DPoP (RFC 9449)', {
  algorithms: algorithms.prefault(['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256']).meta({
    description: 'The signature algorithms that proofs may have. Default: ES256,ES384,EdDSA,Ed25519,PS256,RS256.',
  }),
  proofSeconds: whole({ is: 'How long a proof may be used, once', unit: 'seconds', from: 5, to: 300, preset: 60 }),
  nonceSeconds: whole({
    is: 'How long a nonce may be used, which proofs need while no shared store answers',
    unit: 'seconds',
    from: 30,
    to: 900,
    preset: 300,
  }),
})

const clientCertificate = z
  .strictObject({
    header: matching(
      {
        is: 'Header in which the proxy passes the certificate: client-cert has the form of RFC 9440, any other holds URL-encoded PEM',
      },
      /^(?=[a-z0-9-]*cert)(?!client-cert-chain$)[a-z][a-z0-9-]{2,59}$/,
      'must be the name of a header in lower case with "cert" in it, which the proxy sets and removes from what it receives',
    ),
    trustedProxies: z
      .array(
        z.string().refine(isAddressRange, {
          error:
            'must be an address, a range such as 10.0.0.0/24 (of IPv4 /8 or narrower, of IPv6 /32 or narrower), or loopback',
        }),
      )
      .min(1)
      .max(100)
      .meta({
        description: 'Addresses of the proxies, ranges of them, or loopback; from any other the header is ignored.',
      }),
  })
  .meta({
    description: 'The certificate of the client behind a proxy that ends TLS (RFC 8705). Left out: no header counts.',
  })

/** Wider than what one site has: whoever is in a range of proxies can pass for any client. */
const WIDEST_RANGE = { 4: 8, 6: 32 }

/** An address or a range in CIDR form; `loopback` stands for both of this machine's own. */
function isAddressRange(text: string): boolean {
  if (text === 'loopback') return true
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  // IPv4 is written as IPv4: in IPv6, a short prefix would hold all of it.
  if (rest.length > 0 || !(version === 4 || (version === 6 && !/^[:0]*:ffff:|%/i.test(address)))) return false
  if (prefix === undefined) return true
  return (
    /^\d{1,3}$/.test(prefix) && Number(prefix) >= WIDEST_RANGE[version] && Number(prefix) <= (version === 4 ? 32 : 128)
  )
}

function keysSchema(directory: string) {
  return z
    .strictObject({
      file: path(directory, { is: 'JSON file with the JWK set, read at start' }).optional(),
      url: url({ is: 'URL of the JWK set' }).optional(),
      discovery: z.literal(true, { error: 'must be true, or left out' }).optional().meta({
        description: 'True: the issuer says where its JWK set is (OpenID Connect Discovery, RFC 8414).',
      }),
      tls: clientTlsSchema(directory).optional(),
      timeoutMs: whole({ is: 'Longest wait for the URL', unit: 'milliseconds', from: 50, to: 10_000, preset: 2_000 }),
      cooldownSeconds: whole({
        is: 'Shortest time between two requests to the URL, whatever tokens come in',
        unit: 'seconds',
        from: 1,
        to: 3_600,
        preset: 30,
      }),
      refreshSeconds: whole({
        is: 'Age from which the keys of the URL are asked for again',
        unit: 'seconds',
        from: 10,
        to: 86_400,
        preset: 600,
      }),
      keepSeconds: whole({
        is: 'Age up to which keys serve while the URL does not answer',
        unit: 'seconds',
        from: 10,
        to: 604_800,
        preset: 86_400,
      }),
    })
    .transform(({ file, url, discovery, ...remote }, context): KeySource => {
      const given = Object.entries({ file, url, discovery }).flatMap(([name, value]) =>
        value === undefined ? [] : name,
      )
      const refuse = (message: string) => context.addIssue({ code: 'custom', message })
      if (given.length === 0) refuse('has neither file, url nor discovery; allowed: exactly one of them')
      else if (given.length > 1) refuse(`has both ${given.join(' and ')}; allowed: exactly one of them`)
      else if (file !== undefined && remote.tls !== undefined) refuse('has tls, which needs url or discovery')
      else if (file !== undefined) return { kind: 'file', file }
      else if (url !== undefined) return { kind: 'url', url, ...remote }
      else return { kind: 'discovery', ...remote }
      return z.NEVER
    })
    .meta({
      description:
        'Public keys of the issuer: a file, a URL or its discovery. Required without the section `embedded`.',
    })
}

interface RemoteKeys {
  readonly tls?: ClientTlsSettings | undefined
  readonly timeoutMs: number
  readonly cooldownSeconds: number
  readonly refreshSeconds: number
  readonly keepSeconds: number
}

/** Where the issuer's public keys come from. */
export type KeySource =
  | { readonly kind: 'file'; readonly file: string }
  | ({ readonly kind: 'url'; readonly url: string } & RemoteKeys)
  | ({ readonly kind: 'discovery' } & RemoteKeys)

export type RemoteKeySource = Exclude<KeySource, { readonly kind: 'file' }>

/** The section `identity.dpop`. */
export interface DpopSettings {
  readonly algorithms: readonly string[]
  readonly proofSeconds: number
  readonly nonceSeconds: number
}

/** The section `identity.clientCertificate`. */
export interface ClientCertificateSettings {
  readonly header: string
  readonly trustedProxies: readonly string[]
}
