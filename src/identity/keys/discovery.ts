import { z } from 'zod'
import { url } from '../../config/setting.ts'
import type { IssuerClient } from './issuer-client.ts'

/**
 * Where the issuer says that its keys are. Called by who follows them, each time before they are asked for, so that an
 * issuer may move them. The issuer alone is asked, by the name that the configuration has.
 */

/** Throws an `Error` that says what is wrong with what the issuer says of itself. */
export async function discoverKeysUrl(client: IssuerClient, issuer: string, signal: AbortSignal): Promise<string> {
  for (const metadataUrl of metadataUrlsOf(issuer)) {
    const { status, value } = await client.getJson(metadataUrl, signal)
    if (status === 200) return keysUrlIn(value, issuer, metadataUrl)
    // Only where it is not there is the other form asked: an issuer in trouble is not asked twice.
    if (status !== 404) throw new Error(`${metadataUrl} answered ${status}`)
  }
  throw new Error(`${issuer} has no metadata at either of its well-known URLs`)
}

/** OpenID Connect Discovery 1.0 §4 puts the well-known part behind the issuer's path, RFC 8414 §3 before it. */
function metadataUrlsOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: url({ is: 'URL of the JWK set' }) })

function keysUrlIn(metadata: unknown, issuer: string, metadataUrl: string): string {
  const { data } = metadataSchema.safeParse(metadata)
  if (data === undefined)
    throw new Error(
      `${metadataUrl} has no issuer, or no jwks_uri that is an https URL (http only to a loopback address)`,
    )
  // RFC 8414 §3.3: else one issuer could speak for another.
  if (data.issuer !== issuer) throw new Error(`${metadataUrl} is the metadata of another issuer`)
  return data.jwks_uri
}
