import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the embedded default keeps what it makes. Called by the loader, the embedded issuer and the commands. */

/** The configuration of the embedded default, which needs nothing else on the machine. */
export const EMBEDDED_CONFIG_FILE = fileURLToPath(new URL('../../config/embedded.yaml', import.meta.url))

/** The public keys of the embedded issuer, under the data directory. */
export function embeddedKeysFile(directory: string): string {
  return join(directory, 'issuer', 'jwks.json')
}

/** The embedded databases, under the data directory. */
export function embeddedDatabaseDirectory(directory: string): string {
  return join(directory, 'postgres')
}
