import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { ensureError } from '../../model/errors.ts'
import { ConfigError, parseOperatorFile, refuseRepeats } from '../../model/operator-file.ts'

/** The issuer's keys from a file, read once. Called when identity is built; what is wrong in it is named by its place. */

const keySetSchema = z.object({
  keys: z
    .array(
      z
        .looseObject({
          kty: z.enum(['EC', 'OKP', 'RSA'], 'must be EC, OKP or RSA: a key with a public part'),
          kid: z.string().min(1).max(200),
          use: z.literal('sig').optional(),
          alg: z.string().optional(),
        })
        .superRefine((key, context) => {
          if ('d' in key)
            context.addIssue({ code: 'custom', message: 'is a private key; only its public part belongs here' })
          else if (!isPublicKey(key)) context.addIssue({ code: 'custom', message: 'is not a valid public key' })
        }),
    )
    .min(1)
    .superRefine(refuseRepeats(key => key.kid, 'kid')),
})

/** Throws `ConfigError`. */
export async function readKeys(file: string): Promise<JWTVerifyGetKey> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (thrown) {
    // A syntax error's message quotes the file, in which a private key may stand by mistake.
    const reason = thrown instanceof SyntaxError ? 'is not JSON' : `cannot be read: ${ensureError(thrown).message}`
    throw new ConfigError([`${file}: ${reason}; must be a JWK set (RFC 7517)`])
  }
  return createLocalJWKSet(parseOperatorFile(keySetSchema, { source: file, value }) as JSONWebKeySet)
}

function isPublicKey(key: Readonly<Record<string, unknown>>): boolean {
  try {
    return createPublicKey({ key, format: 'jwk' }).type === 'public'
  } catch {
    return false
  }
}
