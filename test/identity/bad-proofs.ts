import { createHmac } from 'node:crypto'
import { base64url, exportJWK } from 'jose'
import { createKey, type TestKey } from './issuer.ts'
import { type ProofChange, PUBLIC_URL, signProof } from './proofs.ts'

/** DPoP proofs that show nothing: what they are sent with is a good token, bound to the client's key. */
export type BadProof = readonly [what: string, make: (prover: Prover) => Promise<readonly string[]>]

export interface Prover extends ProverOptions {
  /** A good proof, but for the change. */
  make(change?: ProofChange, key?: TestKey): Promise<string>
  altered(change: (header: string, payload: string, signature: string) => string): Promise<readonly string[]>
}

export interface ProverOptions {
  /** That the token is bound to. */
  readonly clientKey: TestKey
  readonly otherKey: TestKey
  readonly token: string
  readonly nowSeconds: number
  /** More than a proof may be old, and more than clocks may be apart. */
  readonly tooOldSeconds: number
}

export function createProver(options: ProverOptions): Prover {
  const { clientKey, token, nowSeconds } = options
  const make: Prover['make'] = ({ claims, header } = {}, key = clientKey) =>
    signProof(key, token, { claims: { iat: nowSeconds, ...claims }, ...(header && { header }) })
  return {
    ...options,
    make,
    async altered(change) {
      const [header = '', payload = '', signature = ''] = (await make()).split('.')
      return [change(header, payload, signature)]
    },
  }
}

const encode = (value: unknown) => base64url.encode(JSON.stringify(value))

function publicPart({ publicJwk: { kid: _, ...jwk } }: TestKey) {
  return jwk
}

/** One for each check of RFC 9449 §4.3, and for each way around it. */
export const BAD_PROOFS: readonly BadProof[] = [
  ['none', async () => []],
  ['two', async by => [await by.make(), await by.make()]],
  ['two, both the same', async by => [await by.make()].flatMap(proof => [proof, proof])],
  ['two in one header', async by => [`${await by.make()}, ${await by.make()}`]],
  ['an empty one', async () => ['']],
  ['no JWT', async () => ['hello']],
  ['longer than 4 KiB', async by => [await by.make({ claims: { padding: 'x'.repeat(4_096) } })]],
  ['padding', by => by.altered((h, p, s) => `${h}.${p}.${s}==`)],
  ['five parts', by => by.altered((h, p, s) => `${h}.${p}.${s}.${s}.${s}`)],
  ['typ JWT', async by => [await by.make({ header: { typ: 'JWT' } })]],
  ['typ of an access token', async by => [await by.make({ header: { typ: 'at+jwt' } })]],
  ['no typ', async by => [await by.make({ header: { typ: undefined } })]],
  [
    'alg none',
    by => by.altered((_, p) => `${encode({ typ: 'dpop+jwt', alg: 'none', jwk: publicPart(by.clientKey) })}.${p}.`),
  ],
  [
    'HS256 by a secret that it shows',
    async by => {
      const jwk = { kty: 'oct', k: base64url.encode('secret') }
      const input = `${encode({ typ: 'dpop+jwt', alg: 'HS256', jwk })}.${(await by.make()).split('.')[1]}`
      return [`${input}.${createHmac('sha256', 'secret').update(input).digest('base64url')}`]
    },
  ],
  ['an algorithm that is not offered', async by => [await by.make({}, await createKey('p384', 'ES384'))]],
  ['no key', async by => [await by.make({ header: { jwk: undefined } })]],
  ['a key that is text', async by => [await by.make({ header: { jwk: 'key' } })]],
  ['a private key', async by => [await by.make({ header: { jwk: await exportJWK(by.clientKey.privateKey) } })]],
  ['the key of another', async by => [await by.make({}, by.otherKey)]],
  [
    'the right key, and the signature of another',
    async by => [await by.make({ header: { jwk: publicPart(by.clientKey) } }, by.otherKey)],
  ],
  ['an altered payload', by => by.altered((h, _, s) => `${h}.${encode({ jti: 'x', htm: 'POST' })}.${s}`)],
  [
    'a critical header',
    by =>
      by.altered(
        (_, p, s) =>
          `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicPart(by.clientKey), crit: ['x'], x: 1 })}.${p}.${s}`,
      ),
  ],
  ['another method', async by => [await by.make({ claims: { htm: 'GET' } })]],
  ['the method in small letters', async by => [await by.make({ claims: { htm: 'post' } })]],
  ['another path', async by => [await by.make({ claims: { htu: `${PUBLIC_URL}/graphql/stream` } })]],
  ['a slash more', async by => [await by.make({ claims: { htu: `${PUBLIC_URL}/graphql/` } })]],
  [
    'the host of the request, not of the configuration',
    async by => [await by.make({ claims: { htu: 'https://gateway.test/graphql' } })],
  ],
  ['http', async by => [await by.make({ claims: { htu: 'http://gateway.example/graphql' } })]],
  ['a user in the URL', async by => [await by.make({ claims: { htu: 'https://a@gateway.example/graphql' } })]],
  ['a path alone', async by => [await by.make({ claims: { htu: '/graphql' } })]],
  ['another token', async by => [await by.make({ claims: { ath: base64url.encode(new Uint8Array(32)) } })]],
  ['too old', async by => [await by.make({ claims: { iat: by.nowSeconds - by.tooOldSeconds } })]],
  ['from the future', async by => [await by.make({ claims: { iat: by.nowSeconds + by.tooOldSeconds } })]],
  ['a time that is text', async by => [await by.make({ claims: { iat: String(by.nowSeconds) } })]],
  ['a jti that is empty', async by => [await by.make({ claims: { jti: '' } })]],
  ['a jti of 256 characters', async by => [await by.make({ claims: { jti: 'j'.repeat(256) } })]],
  ['a jti that is a list', async by => [await by.make({ claims: { jti: ['a'] } })]],
  ['a nonce that is a number', async by => [await by.make({ claims: { nonce: 1 } })]],
  ...['jti', 'htm', 'htu', 'iat', 'ath'].map(
    claim => [`no ${claim}`, async (by: Prover) => [await by.make({ claims: { [claim]: undefined } })]] as const,
  ),
]
