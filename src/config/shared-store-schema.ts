import { z } from 'zod'
import { type ClientTlsSettings, clientTlsSchema } from './client-tls.ts'
import { line, whole } from './setting.ts'

/** The store that all instances share, Valkey or Redis. Called by the schema of the configuration. */

export interface SharedStoreSettings {
  /** Holds a password: never to be written anywhere. */
  readonly url: string
  readonly tls?: ClientTlsSettings | undefined
  readonly keyPrefix: string
  readonly commandTimeoutMs: number
}

export function sharedStoreSchema(directory: string) {
  return z
    .strictObject({
      url: z
        .string()
        .regex(/^rediss?:\/\/[^\s]+$/, { error: 'must be redis://user:password@host:port or rediss:// for TLS' })
        .meta({ description: 'URL of the server; take it from the environment.' }),
      tls: clientTlsSchema(directory).optional(),
      keyPrefix: line({
        is: 'Beginning of every key, which the user of the URL is confined to',
        preset: 'recovery-gateway:',
      }),
      commandTimeoutMs: whole({
        is: 'Longest wait for an answer',
        unit: 'milliseconds',
        from: 5,
        to: 2_000,
        preset: 50,
      }),
    })
    .refine(({ url, tls }) => tls === undefined || url.startsWith('rediss:'), {
      error: 'has tls, so its url must begin with rediss://',
    })
    .meta({ description: 'Valkey or Redis, shared by all instances. Left out: each instance keeps its own.' })
}
