import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK_EC_Private, SignJWT } from 'jose'
import { z } from 'zod'
import { embeddedKeysFile } from '../config/embedded.ts'
import type { Clock } from '../model/clock.ts'
import { ConfigError } from '../model/operator-file.ts'

/**
 * The issuer of the embedded default: one ES256 key pair, made at first start. Called by the composition root and by
 * the command that prints tokens, in any order and at the same time. It is for trying out and never for production.
 */
export interface EmbeddedIssuer {
  /** The public keys (RFC 7517), as the gateway's configuration names them. */
  readonly jwksFile: string
  /** Signs a JWT access token (RFC 9068) for a client. */
  sign(grant: TokenGrant): Promise<string>
}

interface TokenGrant {
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly lifetimeSeconds: number
}

export interface EmbeddedIssuerOptions {
  /** The data directory of the embedded default; the keys stand in `issuer/` under it. */
  readonly directory: string
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
}

/** Opens the issuer, making its keys where there are none; throws `ConfigError` where those that are there cannot be used. */
export async function createEmbeddedIssuer(options: EmbeddedIssuerOptions): Promise<EmbeddedIssuer> {
  const { issuer, audience, clock } = options
  const jwksFile = embeddedKeysFile(options.directory)
  const keyFile = join(dirname(jwksFile), 'signing-key.json')
  await mkdir(dirname(jwksFile), { recursive: true, mode: 0o700 })
  await chmod(dirname(jwksFile), 0o700)

  const key = (await readKey(keyFile)) ?? (await makeKey(keyFile))
  const { d: _, ...publicKey } = key
  const kid = await calculateJwkThumbprint(key)
  const jwks = { keys: [{ ...publicKey, kid, use: 'sig', alg: 'ES256' }] }
  await writeWhole(jwksFile, `${JSON.stringify(jwks, null, 2)}\n`, 0o644, rename)

  const signingKey = await importJWK(key, 'ES256')
  return {
    jwksFile,
    sign({ clientId, scopes, lifetimeSeconds }) {
      const issuedAt = Math.floor(clock.now() / 1_000)
      const claims = { client_id: clientId, ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}) }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(clientId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(signingKey)
    },
  }
}

const keySchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.base64url(),
  y: z.base64url(),
  d: z.base64url(),
})

/** The private key, or undefined where there is none yet. */
async function readKey(file: string): Promise<JWK_EC_Private | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ConfigError([`${file}: the signing key of the embedded issuer cannot be read`], { cause })
  }
  // Windows has no such modes: files there are private by their directory.
  if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0)
    throw new ConfigError([`${file}: other users can read the signing key; delete it to have a new one made`])
  try {
    const key = keySchema.parse(JSON.parse(text))
    await importJWK(key, 'ES256')
    return key
  } catch {
    // Without the cause: its message could quote the key.
    throw new ConfigError([`${file}: is not the signing key of the embedded issuer; delete it to have a new one made`])
  }
}

async function makeKey(file: string): Promise<JWK_EC_Private> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = keySchema.parse(await exportJWK(privateKey))
  try {
    // A link, which fails where the file is there: of two processes that start together, both use the first one's key.
    await writeWhole(file, `${JSON.stringify(key)}\n`, 0o600, link)
    return key
  } catch (cause) {
    const first = await readKey(file)
    if (first !== undefined) return first
    throw new ConfigError([`${file}: the signing key of the embedded issuer cannot be written`], { cause })
  }
}

/** Writes a file under another name and moves it into place: a reader sees the whole of it or nothing. */
async function writeWhole(file: string, text: string, mode: number, place: typeof rename): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  try {
    await writeFile(draft, text, { mode, flag: 'wx' })
    await place(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}
