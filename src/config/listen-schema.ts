import { z } from 'zod'
import { line, path, whole, word } from './setting.ts'

/** Where the gateway listens, and with what TLS. Called by the schema of the configuration; it opens no file. */

export function listenSchema(directory: string) {
  return z
    .strictObject({
      host: line({ is: 'Address that partners reach', preset: '127.0.0.1' }),
      port: whole({ is: 'Port for partners; 0 takes any free one', from: 0, to: 65_535, preset: 4_000 }),
      adminHost: line({
        is: 'Address of the admin listener (statements, health, metrics), never reachable by partners',
        preset: '127.0.0.1',
      }),
      adminPort: whole({ is: 'Port of the admin listener; 0 takes any free one', from: 0, to: 65_535, preset: 4_001 }),
      tls: tlsSchema(directory).optional(),
    })
    .prefault({} as never)
    .meta({ description: 'Where the gateway listens.' })
}

function tlsSchema(directory: string) {
  return z
    .strictObject({
      cert: path(directory, {
        is: 'PEM file with the certificate that partners see, and those between it and its root',
      }),
      key: path(directory, { is: 'PEM file with the private key of that certificate' }),
      clientCertificates: word(['none', 'optional'], {
        is: 'Whether partners are asked for a certificate, to which their tokens may be bound (RFC 8705)',
        preset: 'none',
      }),
      clientCa: path(directory, {
        is: 'PEM file with the authorities of those certificates; one of another authority counts as none. Left out: any counts, self-signed too',
      }).optional(),
    })
    .refine(({ clientCertificates, clientCa }) => clientCa === undefined || clientCertificates === 'optional', {
      error: 'has clientCa, which needs clientCertificates: optional',
    })
    .meta({ description: 'TLS 1.2 or later towards partners. Left out: plain HTTP, behind a proxy that ends TLS.' })
}

/** The section `listen.tls`. */
export interface ListenTlsSettings {
  readonly cert: string
  readonly key: string
  readonly clientCertificates: 'none' | 'optional'
  readonly clientCa?: string | undefined
}
