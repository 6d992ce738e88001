import { createHmac } from 'node:crypto'
import { base64url, exportSPKI, importJWK, type JWTPayload } from 'jose'
import { createKey, signToken, type TestKey } from './issuer.ts'

/** Tokens that are not the issuer's word, or not for us, or not now: every way that is known of making one. */
export type Forgery = readonly [name: string, make: (forger: Forger) => string | Promise<string>]

/** What whoever forges has: some of it nobody should have, so that each forgery has one fault alone. */
export interface Forger extends ForgerOptions {
  /** A token of the issuer with other claims and header; a member that is undefined is left out. */
  sign(change?: object, header?: object): Promise<string>
  signByRogue(header?: object): Promise<string>
  parts(change: (header: string, payload: string, signature: string) => string): Promise<string>
}

export interface ForgerOptions {
  /** The issuer's own. */
  readonly key: TestKey
  /** Another, under the same `kid`. */
  readonly rogue: TestKey
  /** Of a good token. */
  readonly claims: JWTPayload
  /** URL of a host that nobody should ask anything. */
  readonly elsewhere: string
  readonly nowSeconds: number
  /** More than the clocks may be apart. */
  readonly beyondSeconds: number
}

export function createForger(options: ForgerOptions): Forger {
  const { key, rogue, claims } = options
  const sign: Forger['sign'] = (change, header) => signToken(key, { ...claims, ...change }, header)
  return {
    ...options,
    sign,
    signByRogue: header => signToken(rogue, claims, header),
    async parts(change) {
      const [header = '', payload = '', signature = ''] = (await sign()).split('.')
      return change(header, payload, signature)
    },
  }
}

const encode = (value: unknown) => base64url.encode(JSON.stringify(value))
/** The last character of 64 octets in base64url carries four unused bits. */
export const withStrayBits = (part: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.slice(-1)) + 1]
}

export const FORGERIES: readonly Forgery[] = [
  ['nothing', () => ''],
  ['no token at all', () => 'hello'],
  ['alg none', ({ claims }) => `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`],
  [
    'alg None with a signature',
    f => f.parts((_, payload, sig) => `${encode({ alg: 'None', typ: 'at+jwt' })}.${payload}.${sig}`),
  ],
  [
    'HS256 with the public key as the secret',
    async ({ key, claims }) => {
      const publicKey = await importJWK({ ...key.publicJwk, ext: true }, 'ES256', { extractable: true })
      const pem = publicKey instanceof Uint8Array ? '' : await exportSPKI(publicKey)
      const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(claims)}`
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
    },
  ],
  ['another key under the same kid', f => f.signByRogue()],
  ['another key that the header carries', f => f.signByRogue({ jwk: f.rogue.publicJwk, kid: undefined })],
  ['another key behind jku', f => f.signByRogue({ jku: `${f.elsewhere}/keys` })],
  ['another key behind x5u', f => f.signByRogue({ x5u: `${f.elsewhere}/cert` })],
  ['another key in x5c', f => f.signByRogue({ x5c: ['MIIB'] })],
  ['an unknown kid', f => f.sign({}, { kid: 'key-2' })],
  ['a kid that is a path', f => f.signByRogue({ kid: '../../dev/null' })],
  ['a kid that is SQL', f => f.signByRogue({ kid: "x' UNION SELECT 'key" })],
  ['a kid of 1 MiB', f => f.sign({}, { kid: 'k'.repeat(1_048_576) })],
  ['an algorithm that is not pinned', async f => signToken(await createKey(f.key.kid, 'ES384'), f.claims)],
  [
    'a critical header that nobody knows',
    f => f.parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', crit: ['x'], x: 1 })}.${p}.${s}`),
  ],
  [
    'an unencoded payload',
    f => f.parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', b64: false, crit: ['b64'] })}.${p}.${s}`),
  ],
  ['another issuer', f => f.sign({ iss: 'https://evil.example' })],
  ['the issuer with a slash more', f => f.sign({ iss: `${f.claims.iss}/` })],
  ['another audience', f => f.sign({ aud: 'https://other.example' })],
  ['the audience inside a longer one', f => f.sign({ aud: `${f.claims.aud}.evil.example` })],
  ['typ JWT: an ID token', f => f.sign({}, { typ: 'JWT' })],
  ['no typ', f => f.sign({}, { typ: undefined })],
  ['expired', f => f.sign({ exp: f.nowSeconds - f.beyondSeconds })],
  ['not yet valid', f => f.sign({ nbf: f.nowSeconds + f.beyondSeconds })],
  ['issued in the future', f => f.sign({ iat: f.nowSeconds + f.beyondSeconds })],
  ['an end that is text', f => f.sign({ exp: String(f.nowSeconds + 600) })],
  ['a client that is a list', f => f.sign({ client_id: ['dms-1'] })],
  ['a client with a line break', f => f.sign({ client_id: 'dms-1\n' })],
  ['an empty jti', f => f.sign({ jti: '' })],
  ['scopes as a list', f => f.sign({ scope: ['parts:read'] })],
  ['scopes with two spaces between', f => f.sign({ scope: 'parts:read  orders:read' })],
  ...['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'].map(
    claim => [`no ${claim}`, (f: Forger) => f.sign({ [claim]: undefined })] as const,
  ),
  ['an altered payload', f => f.parts((h, _, s) => `${h}.${encode({ ...f.claims, client_id: 'other' })}.${s}`)],
  [
    'an altered header',
    f => f.parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', kid: f.key.kid, x: 1 })}.${p}.${s}`),
  ],
  ['a signature of zeros', f => f.parts((h, p) => `${h}.${p}.${base64url.encode(new Uint8Array(64))}`)],
  ['no signature', f => f.parts((h, p) => `${h}.${p}.`)],
  ['two parts', f => f.parts((h, p) => `${h}.${p}`)],
  ['four parts', f => f.parts((h, p, s) => `${h}.${p}.${s}.${s}`)],
  ['five parts', f => f.parts((h, p, s) => `${h}.${p}.${s}.${s}.${s}`)],
  ['padding', f => f.parts((h, p, s) => `${h}.${p}.${s}==`)],
  ['stray bits in the last character', f => f.parts((h, p, s) => `${h}.${p}.${withStrayBits(s)}`)],
  ['a line break inside', f => f.parts((h, p, s) => `${h}.${p}.\n${s}`)],
  ['base64 that is not the URL alphabet', f => f.parts((h, p, s) => `${h}.${p}.${s.slice(0, -2)}+/`)],
  ['a payload that is no JSON', f => f.parts((h, _, s) => `${h}.${base64url.encode('hello')}.${s}`)],
  ['a header of 3,000 nested lists', f => f.parts((_, p, s) => `${base64url.encode('['.repeat(3_000))}.${p}.${s}`)],
  [
    'claims with 2,000 nested lists',
    f => f.sign({ aud: JSON.parse(`${'['.repeat(2_000)}1${']'.repeat(2_000)}`) as unknown }),
  ],
  [
    'a kid that is an object',
    f => f.parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', kid: {} })}.${p}.${s}`),
  ],
  [
    'two algs in the header',
    f => f.parts((_, p, s) => `${base64url.encode('{"alg":"ES256","alg":"none","typ":"at+jwt"}')}.${p}.${s}`),
  ],
  ['an audience of nobody', f => f.sign({ aud: [] })],
  ['an end beyond all numbers', f => f.parts((h, _, s) => `${h}.${base64url.encode('{"exp":1e999}')}.${s}`)],
  ['a confirmation that is not known', f => f.sign({ cnf: { kid: 'key-1' } })],
  ['longer than 8 KiB', f => f.sign({ padding: 'x'.repeat(8_192) })],
]
