import type { RecoveryState } from '../../state.ts'
import { isKeySubject } from '../../statements/kinds/revocation.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { nameIn } from '../../statements/vocabulary.ts'

/** Takes an attestation or a key back from now on; the fold then closes what rested on it. */
export function withRevocation(
  state: RecoveryState,
  { claims: { sub } }: StatementOf<'revocation'>,
  recordedAt: string,
): RecoveryState {
  const { statements, keys } = state.revoked
  const name = nameIn(sub)
  const revoked = isKeySubject(sub)
    ? { statements, keys: withFirst(keys, name, recordedAt) }
    : { statements: withFirst(statements, name, recordedAt), keys }
  return { ...state, revoked }
}

function withFirst(known: ReadonlyMap<string, string>, name: string, at: string): ReadonlyMap<string, string> {
  return known.has(name) ? known : new Map([...known, [name, at]])
}
