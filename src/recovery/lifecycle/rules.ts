import type { RecoveryPolicy } from '../policy.ts'

/** What the fold and the guards know beside the journal: the policy, and which keys the pinned file still has. */
export interface Rules {
  readonly policy: RecoveryPolicy
  /** From when on nothing that this key signed counts, by the pinned key file: an instant, `always` where the file does not have it (any more), null while it is in force. */
  withdrawalOf(keyId: string): string | 'always' | null
}
