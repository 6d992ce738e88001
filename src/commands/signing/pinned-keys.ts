import { EMBEDDED_CONFIG_FILE } from '../../config/embedded.ts'
import { type RecoverySection, readRecoverySection } from '../../config/recovery-section.ts'
import { type KeyRing, parseKeyRing, readKeyRing } from '../../recovery/statements/key-ring.ts'
import { CommandFailure } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { assertReadable, readInput } from '../input.ts'

/** The settings and the pinned keys that an operator's command works with. Called by whatever signs or verifies. */

export function recoveryOf(config: string | undefined, { env }: Pick<CommandIo, 'env'>): Promise<RecoverySection> {
  return readRecoverySection(config ?? EMBEDDED_CONFIG_FILE, env)
}

export async function pinnedKeysOf({ keys }: Pick<RecoverySection, 'keys'>): Promise<KeyRing> {
  await assertReadable(keys.file)
  return readKeyRing(keys.file, keys.sha256)
}

/** The pinned keys in a file that somebody named, whatever its digest is. */
export async function readPinnedKeys(file: string, io: Pick<CommandIo, 'stdin'>): Promise<KeyRing> {
  const { text, source } = await readInput(file, io)
  const value = parseJson(text)
  if (value === undefined) throw new CommandFailure(`${source}: is not JSON; must be a JWK set (RFC 7517)`)
  if (typeof value === 'object' && value !== null && 'd' in value)
    throw new CommandFailure(`${source}: is a private key; must be the file of pinned keys, which are public`)
  return parseKeyRing(value, source)
}

/** Undefined where it is none, and nothing of the text in a message: a private key may stand there by mistake. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
