import type { RecoveryState } from '../state.ts'
import type { Statement } from '../statements/statement-kinds.ts'

/**
 * Why the key of a statement may sign nothing any more by what the journal says, for who signed it; null: it may. Called
 * by the desk; the pinned key file, which may say the same, is the verifier's to ask.
 */
export function withdrawnKeyProblem(
  { signedBy: { keyId, name, role } }: Pick<Statement, 'signedBy'>,
  { revoked }: Pick<RecoveryState, 'revoked'>,
): string | null {
  const since = revoked.keys.get(keyId)
  return since === undefined ? null : `the key of ${name} (${role}) is withdrawn since ${since}, by a revocation`
}
