import { EMBEDDED_CONFIG_FILE } from '../../config/embedded.ts'
import { type Config, loadConfig } from '../../config/load-config.ts'
import { type KeyRing, readKeyRing } from '../../recovery/statements/key-ring.ts'
import type { CommandIo } from '../command-io.ts'

/** The configuration and the pinned keys that an operator's command works with. Called by whatever signs or verifies. */

export function configOf(file: string | undefined, { env }: Pick<CommandIo, 'env'>): Promise<Config> {
  return loadConfig(file ?? EMBEDDED_CONFIG_FILE, env)
}

export function pinnedKeysOf({ recovery }: Config): Promise<KeyRing> {
  return readKeyRing(recovery.keys.file, recovery.keys.sha256)
}
