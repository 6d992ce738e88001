import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the embedded default keeps what it makes. Called by the loader, the embedded issuer, the commands and the demo. */

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

/** The private keys of the sample operators, under the data directory. */
export function embeddedOperatorsDirectory(directory: string): string {
  return join(directory, 'operators')
}

/** The private key of the sample operator in a role, such as `SYSTEM_OWNER`. */
export function embeddedOperatorKeyFile(directory: string, role: string): string {
  return join(embeddedOperatorsDirectory(directory), `${role.toLowerCase().replaceAll('_', '-')}.jwk.json`)
}

/** The public keys of the sample operators and of the gateway, with their roles. */
export function embeddedKeyRingFile(directory: string): string {
  return join(embeddedOperatorsDirectory(directory), 'keys.jwks.json')
}

/** What the gateway of the embedded default has of its own. */
export function embeddedGatewayDirectory(directory: string): string {
  return join(directory, 'gateway')
}

/** The gateway's own private key. */
export function embeddedGatewayKeyFile(directory: string): string {
  return join(embeddedGatewayDirectory(directory), 'signing-key.jwk.json')
}

/** The checkpoints of the journal: one compact JWS a line. */
export function embeddedCheckpointsFile(directory: string): string {
  return join(embeddedGatewayDirectory(directory), 'checkpoints.jws')
}
