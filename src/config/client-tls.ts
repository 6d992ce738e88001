import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { ClientTls } from '../model/client-tls.ts'
import { readFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'
import { line, path } from './setting.ts'

/**
 * TLS towards a server that the gateway calls: whom it trusts there and what it shows of itself. Called by the schemas of
 * all that connect, and when the connection is made. The server's certificate is always verified.
 */

export function clientTlsSchema(directory: string) {
  return z
    .strictObject({
      ca: path(directory, { is: 'PEM file with the certificates that the server may be signed by' }).optional(),
      cert: path(directory, { is: 'PEM file with the certificate that the gateway shows (mutual TLS)' }).optional(),
      key: path(directory, { is: 'PEM file with the private key of that certificate' }).optional(),
      serverName: line({ is: "Name in the server's certificate, where it is not that of the URL" }).optional(),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      error: 'must have cert and key together, or neither',
    })
    .meta({
      description: "TLS. The server's certificate is always verified; by the system's authorities without `ca`.",
    })
}

export interface ClientTlsSettings {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly serverName?: string | undefined
}

/** Reads the files; throws `ConfigError` that names the one that cannot be read, never what stands in it. */
export async function readClientTls(settings: ClientTlsSettings): Promise<ClientTls> {
  const [ca, cert, key] = await Promise.all([settings.ca, settings.cert, settings.key].map(readPem))
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(settings.serverName === undefined ? {} : { servername: settings.serverName }),
  }
}

/** A section of the configuration with its TLS files read, where it names any. Throws as `readClientTls`. */
export async function withTls<S extends { readonly tls?: ClientTlsSettings | undefined }>(
  section: S,
): Promise<Omit<S, 'tls'> & { readonly tls?: ClientTls }> {
  const { tls, ...rest } = section
  return tls === undefined ? rest : { ...rest, tls: await readClientTls(tls) }
}

async function readPem(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`${file}: cannot be read: ${readFailure(cause)}`], { cause })
  })
  if (/^-----BEGIN [A-Z0-9 ]+-----$/m.test(text)) return text
  throw new ConfigError([`${file}: is not a PEM file`])
}
