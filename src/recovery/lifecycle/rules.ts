import type { SystemKey } from '../../model/system.ts'
import type { RecoveryPolicy } from '../policy.ts'
import type { SignatoryRole } from '../statements/signatory.ts'

/** What the fold and the guards know beside the journal: the policy, and which keys the pinned file still has. */
export interface Rules {
  readonly policy: RecoveryPolicy
  /**
   * From when on nothing that this key signed in this role about this system counts, by the pinned key file: an
   * instant, `always` where the file does not have it so (any more), null while it is in force.
   */
  withdrawalOf(keyId: string, role: SignatoryRole, system: SystemKey): string | 'always' | null
}
