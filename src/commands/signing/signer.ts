import { embeddedOperatorKeyFile } from '../../config/embedded.ts'
import type { RecoverySection } from '../../config/recovery-section.ts'
import type { KeyRing } from '../../recovery/statements/key-ring.ts'
import { signStatement } from '../../recovery/statements/sign.ts'
import type { PinnedSignatory, SignatoryRole } from '../../recovery/statements/signatory.ts'
import { readSigningKey, type SigningKey } from '../../recovery/statements/signing-key.ts'
import type { ClaimsInputOf, KindName } from '../../recovery/statements/statement-kinds.ts'
import { CommandFailure, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { assertReadable } from '../input.ts'
import { pinnedKeysOf, recoveryOf } from './pinned-keys.ts'
import type { SigningRequest } from './signing-request.ts'

/** Whoever signs, as the pinned keys name them. Whether they may sign what they sign is the gateway's to say. */
export interface Signer {
  readonly holder: PinnedSignatory
  readonly pinned: KeyRing
  /** How long a statement of this kind is valid where nobody says so. */
  usualLifetimeSeconds(kind: KindName): number
  sign<K extends KindName>(statement: ToSign<K>): Promise<string>
}

export interface ToSign<K extends KindName> {
  readonly kind: K
  readonly claims: ClaimsInputOf<K>
  readonly issuedAtMs: number
  readonly lifetimeSeconds: number
}

const USUAL_LIFETIME_SECONDS = 3_600

/**
 * Opens the key that the request names, or the sample key of its role, `usualRole` where it names none. Throws
 * `UsageError`, `ConfigError` where a file cannot be used, and `CommandFailure` where one is not there or not pinned.
 */
export async function openSigner(request: SigningRequest, usualRole: SignatoryRole, io: CommandIo): Promise<Signer> {
  const settings = await recoveryOf(request.config, io)
  const { audience, incident, policy, keys } = settings
  const { file, key } = await keyOf(request, usualRole, settings)
  const pinned = await pinnedKeysOf(settings)
  const holder = pinned.find(key.keyId)
  if (holder === undefined)
    throw new CommandFailure(`${file}: its key ${key.keyId} is not among the pinned keys in ${keys.file}`)
  return {
    holder,
    pinned,
    usualLifetimeSeconds: kind =>
      kind === 'restore-attestation' ? policy.attestationMaxHours * 3_600 : USUAL_LIFETIME_SECONDS,
    sign: statement => signStatement({ key, audience, incident, ...statement }),
  }
}

async function keyOf(
  { keyFile, role }: SigningRequest,
  usualRole: SignatoryRole,
  { embeddedDirectory }: RecoverySection,
): Promise<{ readonly file: string; readonly key: SigningKey }> {
  if (keyFile === undefined && embeddedDirectory === null)
    throw new UsageError('--key FILE is missing: only the embedded default has sample keys')
  const file = keyFile ?? embeddedOperatorKeyFile(embeddedDirectory ?? '', role ?? usualRole)
  await assertReadable(file)
  return { file, key: await readSigningKey(file) }
}
