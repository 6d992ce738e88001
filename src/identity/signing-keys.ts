import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { KeySource } from '../config/identity-schema.ts'
import type { Clock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { ConfigError, parseOperatorFile, refuseRepeats } from '../model/operator-file.ts'

/**
 * The issuer's public keys (RFC 7517), from a file or a URL. Made once by the composition root, for the verifier. The
 * configuration alone says where keys come from; nothing in a token does.
 */
export async function createSigningKeys(source: KeySource, clock: Clock): Promise<JWTVerifyGetKey> {
  return source.kind === 'file' ? readKeys(source.file) : followKeys(source, clock)
}

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

async function readKeys(file: string): Promise<JWTVerifyGetKey> {
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

/**
 * Keys from a URL. They are asked for again when they are old and when a token names an unknown one, but never twice
 * within the cooldown, so that no crowd of forged tokens becomes a crowd of requests. While the URL does not answer,
 * the keys that are known keep serving up to `keepSeconds`.
 */
function followKeys(source: Extract<KeySource, { kind: 'url' }>, clock: Clock): JWTVerifyGetKey {
  // The times are kept here, by the given clock: the library's own start anew with every failure.
  const remote = createRemoteJWKSet(new URL(source.url), {
    timeoutDuration: source.timeoutMs,
    cooldownDuration: Number.POSITIVE_INFINITY,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  })
  let askedAt = Number.NEGATIVE_INFINITY
  let loadedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let asking: Promise<void> | undefined

  /** Asks, or joins who is asking; within the cooldown it does nothing. */
  function ask(): Promise<void> {
    if (asking !== undefined) return asking
    const sinceAsked = clock.now() - askedAt
    if (sinceAsked >= 0 && sinceAsked < source.cooldownSeconds * 1_000) return Promise.resolve()
    askedAt = clock.now()
    const done = (reason: unknown) => {
      failure = reason
      asking = undefined
    }
    asking = remote.reload().then(() => {
      loadedAt = askedAt
      done(undefined)
    }, done)
    return asking
  }

  const isOlderThan = (seconds: number) => Math.abs(clock.now() - loadedAt) >= seconds * 1_000

  return async (header, token) => {
    if (isOlderThan(source.refreshSeconds)) await ask()
    if (isOlderThan(source.keepSeconds)) throw new Error('the keys of the issuer are not known', { cause: failure })
    try {
      return await remote(header, token)
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown
      await ask()
      return remote(header, token)
    }
  }
}
