import { z } from 'zod'
import { line, path, url, whole } from './setting.ts'

/** Whose access tokens the gateway takes. Called by the schema of the configuration. */

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

export function identitySchema(directory: string) {
  return z
    .strictObject({
      issuer: url({ is: 'Issuer of the access tokens: their claim iss, exactly' }),
      audience: line({ is: 'This gateway as the issuer knows it: in the claim aud of the access tokens' }),
      algorithms: z
        .array(z.enum(SIGNATURE_ALGORITHMS))
        .min(1)
        .meta({ description: 'The signature algorithms of the issuer. No other is accepted. Required.' }),
      keys: keysSchema(directory).optional(),
      clockSkewSeconds: whole({
        is: "How far the issuer's clock may be off",
        unit: 'seconds',
        from: 0,
        to: 300,
        preset: 30,
      }),
    })
    .meta({ description: 'Access tokens (RFC 9068).' })
}

function keysSchema(directory: string) {
  return z
    .strictObject({
      file: path(directory, { is: 'JSON file with the JWK set, read at start' }).optional(),
      url: url({ is: 'URL of the JWK set' }).optional(),
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
    .transform(({ file, url, ...times }, context): KeySource => {
      if (file !== undefined && url === undefined) return { kind: 'file', file }
      if (url !== undefined && file === undefined) return { kind: 'url', url, ...times }
      const has = file === undefined ? 'neither file nor' : 'both file and'
      context.addIssue({ code: 'custom', message: `has ${has} url; allowed: exactly one of them` })
      return z.NEVER
    })
    .meta({ description: 'Public keys of the issuer: a file or a URL. Required without the section `embedded`.' })
}

/** Where the issuer's public keys come from. */
export type KeySource =
  | { readonly kind: 'file'; readonly file: string }
  | {
      readonly kind: 'url'
      readonly url: string
      readonly timeoutMs: number
      readonly cooldownSeconds: number
      readonly refreshSeconds: number
      readonly keepSeconds: number
    }
