import type { KeySource } from '../../config/identity-schema.ts'
import { type FollowedKeysOptions, followKeys } from './followed-keys.ts'
import { readKeys } from './key-file.ts'
import type { KeysHealth, SigningKeys } from './signing-keys.ts'

export type SigningKeysOptions = Omit<FollowedKeysOptions, 'source'> & { readonly source: KeySource }

/**
 * Opens the issuer's keys where the configuration says that they are; nothing in a token does. Called by `createIdentity`.
 * Throws `ConfigError` where a file cannot be used; an issuer that is away is no error.
 */
export async function createSigningKeys({ source, ...options }: SigningKeysOptions): Promise<SigningKeys> {
  if (source.kind !== 'file') return followKeys({ source, ...options })
  const find = await readKeys(source.file)
  const health: KeysHealth = { source: 'file', ageSeconds: null, usable: true, reachable: null, failure: null }
  return { find, version: () => find, health: () => health, close: async () => {} }
}
