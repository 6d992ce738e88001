import { z } from 'zod'
import { type ClientTlsSettings, clientTlsSchema } from './client-tls.ts'
import { isLoopback, line, whole } from './setting.ts'

/** The store that all instances share, Valkey or Redis. Called by the schema of the configuration. */

export interface SharedStoreSettings {
  /** Holds a password: never to be written anywhere. */
  readonly url: string
  readonly tls?: ClientTlsSettings | undefined
  readonly keyPrefix: string
  readonly commandTimeoutMs: number
  readonly recordBytes: number
  readonly documentBytes: number
  readonly lastKnownBytes: number
}

export function sharedStoreSchema(directory: string) {
  return z
    .strictObject({
      url: z
        .string()
        .regex(/^rediss?:\/\/[^\s]+$/, { error: 'must be rediss://user:password@host:port' })
        .refine(isConfidential, {
          error: 'must be rediss://user:password@host:port, which speaks TLS (redis:// only to a loopback address)',
        })
        .meta({
          description:
            'URL of the server, rediss://, or redis:// on this machine itself; take it from the environment.',
        }),
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
      recordBytes: whole({
        is: 'Most memory of the server that records take, of all instances together',
        unit: 'bytes',
        from: 16_777_216,
        to: 1_099_511_627_776,
        preset: 268_435_456,
      }),
      documentBytes: whole({
        is: 'Most memory of the server that persisted documents take, of all instances together',
        unit: 'bytes',
        from: 1_048_576,
        to: 1_099_511_627_776,
        preset: 67_108_864,
      }),
      lastKnownBytes: whole({
        is: 'Most memory of the server that the last answers of the systems take, of all instances together',
        unit: 'bytes',
        from: 16_777_216,
        to: 1_099_511_627_776,
        preset: 536_870_912,
      }),
    })
    .refine(({ url, tls }) => tls === undefined || url.startsWith('rediss:'), {
      error: 'has tls, so its url must begin with rediss://',
    })
    .meta({ description: 'Valkey or Redis, shared by all instances. Left out: each instance keeps its own.' })
}

/** What cannot be read as a URL is refused where it is read as one, with what is wrong in it. */
function isConfidential(text: string): boolean {
  if (!text.startsWith('redis:') || !URL.canParse(text)) return true
  return isLoopback(new URL(text).hostname)
}
