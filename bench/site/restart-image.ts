import { readFile, writeFile } from 'node:fs/promises'
import { deserialize, serialize } from 'node:v8'
import type { SystemKey } from '../../src/model/system.ts'
import type { Evidence } from '../../src/recovery/reading/evidence.ts'
import type { Recovery, RecoverySnapshot } from '../../src/recovery/recovery.ts'

/**
 * The restart as it stands once the site is open, in a file: what the peers answer questions about the restart from, and
 * know the partners by. The gateway itself follows the journal. Written by the site, read by the peers.
 */
export interface RestartImage {
  readonly snapshot: RecoverySnapshot
  readonly evidence: Readonly<Record<SystemKey, readonly Evidence[]>>
}

export async function writeRestartImage(file: string, image: RestartImage): Promise<void> {
  await writeFile(file, serialize(image))
}

export async function readRestartImage(file: string): Promise<RestartImage> {
  // Written by this program a moment ago, so its shape is known.
  return deserialize(await readFile(file)) as RestartImage
}

/** A recovery in which nothing ever changes. */
export function standingRecovery({ snapshot }: RestartImage): Recovery {
  return { current: () => snapshot, onChange: () => () => {} }
}
