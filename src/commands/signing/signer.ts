import { embeddedOperatorKeyFile } from '../../config/embedded.ts'
import type { RestartSettings } from '../../recovery/settings.ts'
import type { PinnedSignatory, SignatoryRole } from '../../recovery/signatory.ts'
import { signStatement } from '../../recovery/statements/sign.ts'
import { readSigningKey } from '../../recovery/statements/signing-key.ts'
import type { ClaimsInputOf, KindName } from '../../recovery/statements/statement-kinds.ts'
import { CommandFailure, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { configOf, pinnedKeysOf } from './pinned-keys.ts'
import type { SigningRequest } from './signing-request.ts'

/** Whoever signs, as the pinned keys name them. Whether they may sign what they sign is the gateway's to say. */
export interface Signer {
  readonly holder: PinnedSignatory
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
 * `UsageError`, `ConfigError` where a file cannot be used, and `CommandFailure` where the key is not pinned.
 */
export async function openSigner(request: SigningRequest, usualRole: SignatoryRole, io: CommandIo): Promise<Signer> {
  const config = await configOf(request.config, io)
  const settings: RestartSettings = config.recovery
  const { audience, incident, policy } = settings
  const { keyFile, role = usualRole } = request
  if (keyFile === undefined && config.embedded === undefined)
    throw new UsageError('--key FILE is missing: only the embedded default has sample keys')
  const file = keyFile ?? embeddedOperatorKeyFile(config.embedded?.directory ?? '', role)
  const key = await readSigningKey(file)
  const holder = (await pinnedKeysOf(config)).find(key.keyId)
  if (holder === undefined)
    throw new CommandFailure(`${file}: its key ${key.keyId} is not among the pinned keys in ${settings.keys.file}`)
  return {
    holder,
    usualLifetimeSeconds: kind =>
      kind === 'restore-attestation' ? policy.attestationMaxHours * 3_600 : USUAL_LIFETIME_SECONDS,
    sign: statement => signStatement({ key, audience, incident, ...statement }),
  }
}
