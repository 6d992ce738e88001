import { z } from 'zod'
import { clientTlsSchema } from './client-tls.ts'
import { line, whole } from './setting.ts'

/** The store that all instances share, Valkey or Redis. Called by the schema of the configuration. */

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
    .meta({ description: 'Valkey or Redis, shared by all instances. Left out: each instance keeps its own.' })
}
