import { createHmac, generateKeyPairSync } from 'node:crypto'
import { CompactSign, GeneralSign } from 'jose'
import { createSigningKey, parseSigningKey, type SigningKey } from '../../../src/recovery/statements/signing-key.ts'
import type { BadStatement } from './bad-statements.ts'
import { type SampleKeys, samplePayload, signAnything, signSample } from './sample.ts'

/** Statements that are forged, altered on the way, or of another form or kind. */
export async function badForms(keys: SampleKeys): Promise<readonly BadStatement[]> {
  const freya = keys.of('FORENSICS_LEAD')
  const stranger = await parseSigningKey((await createSigningKey('EdDSA')).privateJwk, 'the key of a stranger')
  const claims = samplePayload('restore-attestation')
  const headed = (changes: object = {}) => ({
    alg: 'EdDSA',
    typ: 'restore-attestation+jwt',
    kid: freya.keyId,
    ...changes,
  })
  const signed = (header: object, key = freya) => signAnything(claims, headed(header), key)
  const typed = (typ: string) => signed({ typ })

  const good = await signSample('restore-attestation', keys)
  const [header = '', payload = '', signature = ''] = good.split('.')
  const [, , foreign] = (await signSample('incident-fact', keys)).split('.')
  const raw = (text: string) => signParts(base64url(text), payload, freya)
  const altered = { ...claims, exp: Number(claims.exp) + 1 }

  return [
    bad('unsigned, alg none', 'MALFORMED', /alg "none"/, `${encode(headed({ alg: 'none' }))}.${payload}.`),
    bad('alg none, a signature left on', 'MALFORMED', /alg "none"/, `${encode(headed({ alg: 'none' }))}.${payload}.AA`),
    bad('its signature taken off', 'MALFORMED', /is not signed/, `${header}.${payload}.`),
    bad(
      'HMAC with the public key as secret',
      'MALFORMED',
      /alg "HS256"/,
      hmac(keys, headed({ alg: 'HS256' }), payload),
    ),
    bad('RS256', 'MALFORMED', /alg "RS256"/, await rsa(claims, headed({ alg: 'RS256' }))),
    bad(
      'another key under the name of a pinned one',
      'BAD_SIGNATURE',
      /not that of Freya Okafor/,
      await signed({}, stranger),
    ),
    bad('a key that is not pinned', 'UNKNOWN_KEY', /no such key/, await signed({ kid: stranger.keyId }, stranger)),
    bad('a kid that is a path', 'UNKNOWN_KEY', /kid is "..\/keys"/, await signed({ kid: '../keys' })),
    bad(
      'a kid of another role',
      'BAD_SIGNATURE',
      /not that of Priya Raman/,
      await signed({ kid: keys.of('SECURITY_OPERATIONS').keyId }),
    ),
    bad(
      'a kid of another algorithm',
      'BAD_SIGNATURE',
      /is EdDSA; must be ES256/,
      await signed({ kid: keys.of('SYSTEM_OWNER').keyId }),
    ),

    bad('an altered payload', 'BAD_SIGNATURE', /not that of/, `${header}.${encode(altered)}.${signature}`),
    bad(
      'an altered header',
      'BAD_SIGNATURE',
      /not that of/,
      `${base64url(`${JSON.stringify(headed())} `)}.${payload}.${signature}`,
    ),
    bad(
      'its kind altered',
      'BAD_SIGNATURE',
      /not that of/,
      `${encode(headed({ typ: 'incident-fact+jwt' }))}.${payload}.${signature}`,
    ),
    bad('an altered signature', 'BAD_SIGNATURE', /not that of/, `${header}.${payload}.${otherFirst(signature)}`),
    bad('a signature that is cut', 'BAD_SIGNATURE', /not that of/, `${header}.${payload}.${signature.slice(0, 40)}`),
    bad('the signature of another statement', 'BAD_SIGNATURE', /not that of/, `${header}.${payload}.${foreign}`),

    bad('padded base64', 'MALFORMED', /signature is not base64url/, `${good}==`),
    bad('stray bits in base64', 'MALFORMED', /signature is not base64url/, strayBits(good)),
    bad(
      'base64 instead of base64url',
      'MALFORMED',
      /signature is not base64url/,
      `${header}.${payload}.${'+/'.repeat(43)}`,
    ),
    bad('a line break at its end', 'MALFORMED', /signature is not base64url/, `${good}\n`),
    bad(
      'a fourth part',
      'MALFORMED',
      /4 parts; must be one statement, one signature, compact form/,
      `${good}.${signature}`,
    ),
    bad('two statements in one', 'MALFORMED', /has 6 parts/, `${good}.${good}`),
    bad('the five parts of an encrypted one', 'MALFORMED', /has 5 parts/, `${header}.AA.AA.AA.AA`),
    bad('nothing', 'MALFORMED', /has 1 part;/, ''),
    bad(
      'one good and one rogue signature',
      'MALFORMED',
      /is JSON; must be one statement, one signature/,
      await twoSignatures(claims, headed, [freya, stranger]),
    ),
    bad('flattened JSON', 'MALFORMED', /is JSON/, JSON.stringify({ protected: header, payload, signature })),
    bad('one of 1 MiB', 'MALFORMED', /1048576 characters; at most 65536/, good.padEnd(1_048_576, 'A')),

    ...(await Promise.all(
      Object.entries(LEADING_AWAY).map(async ([name, value]) => {
        const token = await raw(JSON.stringify(headed({ [name]: value })))
        return bad(`${name} in its header`, 'MALFORMED', new RegExp(`${name}.*must have exactly alg, typ, kid`), token)
      }),
    )),
    bad('no kid', 'MALFORMED', /has \["alg","typ"\]; must have exactly/, await signed({ kid: undefined })),
    bad('a kid that is a number', 'MALFORMED', /kid 1;/, await raw(JSON.stringify(headed({ kid: 1 })))),
    bad('alg twice', 'MALFORMED', /"alg" twice/, await raw(JSON.stringify(headed()).replace('{', '{"alg":"none",'))),
    bad('a header that is no JSON', 'MALFORMED', /header is not JSON/, await raw('alg=EdDSA')),
    bad('a header that is a list', 'MALFORMED', /header is not a JSON object/, await raw('[]')),

    bad('typ JWT', 'UNKNOWN_KIND', /typ is "JWT"; must be one of restore-attestation\+jwt/, await typed('JWT')),
    bad('the typ of an access token', 'UNKNOWN_KIND', /typ is "at\+jwt"/, await typed('at+jwt')),
    bad('a kind that there is not', 'UNKNOWN_KIND', /"restore-order\+jwt"/, await typed('restore-order+jwt')),
    bad('a typ without its suffix', 'UNKNOWN_KIND', /"restore-attestation"/, await typed('restore-attestation')),
    bad('a typ in capitals', 'UNKNOWN_KIND', /RESTORE/, await typed('RESTORE-ATTESTATION+JWT')),
    bad('the typ of a checkpoint', 'UNKNOWN_KIND', /journal-checkpoint/, await typed('journal-checkpoint+jwt')),
  ]
}

/** Members by which a header could name a key or change what is signed. */
const LEADING_AWAY = {
  jku: 'https://keys.example/jwks.json',
  x5u: 'https://keys.example/chain.pem',
  x5c: ['MIIB'],
  jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  crit: ['exp'],
  b64: false,
  zip: 'DEF',
  cty: 'json',
} as const

export function bad(what: string, code: BadStatement['code'], says: RegExp, token: string): BadStatement {
  return { what, code, says, token }
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const encode = (value: unknown): string => base64url(JSON.stringify(value))

/** Signs parts as they stand, where no library would. */
export async function signParts(header: string, payload: string, key: SigningKey): Promise<string> {
  const signature = await crypto.subtle.sign('Ed25519', key.privateKey, Buffer.from(`${header}.${payload}`))
  return `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`
}

function hmac(keys: SampleKeys, header: object, payload: string): string {
  const input = `${encode(header)}.${payload}`
  return `${input}.${createHmac('sha256', String(keys.file.keys[0]?.x)).update(input).digest('base64url')}`
}

function rsa(claims: object, header: { readonly alg: string }): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey)
}

async function twoSignatures(
  claims: object,
  headed: (changes: object) => { readonly alg: string },
  signers: readonly SigningKey[],
): Promise<string> {
  const jws = new GeneralSign(Buffer.from(JSON.stringify(claims)))
  for (const { privateKey, keyId: kid } of signers) jws.addSignature(privateKey).setProtectedHeader(headed({ kid }))
  return JSON.stringify(await jws.sign())
}

const otherFirst = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`

/** With another last character, which stands for the same byte and for bits that belong to none. */
function strayBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${token.slice(0, -1)}${alphabet.charAt(alphabet.indexOf(token.slice(-1)) + 1)}`
}
