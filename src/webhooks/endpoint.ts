import { open } from 'node:fs/promises'
import { Webhook } from 'standardwebhooks'
import type { WebhookEndpointSettings } from '../config/webhooks-schema.ts'
import { secretExposure } from '../model/file-exposure.ts'
import { readFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'

/** Where one partner is told of the restart, with the secrets that it knows the gateway by. Read once, at the start. */
export interface Endpoint {
  readonly id: string
  /** BPNL. */
  readonly partner: string
  readonly url: string
  /** Names it in the outbox, under its partner: an id that is given to another partner begins anew. */
  readonly key: string
  /** The value of `webhook-signature`: one signature for each secret. */
  sign(id: string, at: Date, body: string): string
}

const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/
/** As the specification has them, in bytes. */
const SHORTEST_SECRET = 24
const LONGEST_SECRET = 64

/** Throws `ConfigError` with every file that cannot be used, and nothing of what stands in it. */
export async function readEndpoints(settings: readonly WebhookEndpointSettings[]): Promise<readonly Endpoint[]> {
  const problems: string[] = []
  const endpoints = await Promise.all(
    settings.map(async ({ id, partner, url, secretFiles }): Promise<Endpoint> => {
      const secrets: Webhook[] = []
      for (const file of secretFiles) {
        const secret = await readSecret(file)
        if (secret instanceof Webhook) secrets.push(secret)
        else problems.push(`webhooks.endpoints ${id}: ${file}: ${secret}`)
      }
      const sign: Endpoint['sign'] = (message, at, body) =>
        secrets.map(secret => secret.sign(message, at, body)).join(' ')
      return { id, partner, url, key: `${partner}/${id}`, sign }
    }),
  )
  if (problems.length > 0) throw new ConfigError(problems)
  return endpoints
}

/** What signs with the secret in the file, or what is wrong with it. The file that is looked at is the one that is read. */
async function readSecret(file: string): Promise<Webhook | string> {
  try {
    await using handle = await open(file, 'r')
    const { mode, uid } = await handle.stat()
    const exposure = secretExposure({ file, mode, uid })
    if (exposure !== null) return exposure
    const secret = (await handle.readFile('utf8')).trim()
    const bytes = SECRET.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0
    if (bytes >= SHORTEST_SECRET && bytes <= LONGEST_SECRET) return new Webhook(secret)
    return `is not a secret; must be whsec_ and the base64 of ${SHORTEST_SECRET} to ${LONGEST_SECRET} random bytes`
  } catch (thrown) {
    return `cannot be read: ${readFailure(thrown)}`
  }
}
