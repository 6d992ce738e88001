import { WriteAccepted } from '../../systems/connector.ts'
import { type Run, refusal } from './run.ts'

/** Shows that nothing can be written through a session. Called by `connector.ts`. Leaves nothing behind, even where it could. */

const READ_ONLY_SQL_TRANSACTION = '25006'

/**
 * Resolves with how it was shown. A read-only transaction refuses every CREATE before it looks at rights; where this one is
 * allowed, it ends with its own commit, and `WriteAccepted` is thrown.
 */
export async function proveReadOnly(run: Run, signal: AbortSignal): Promise<string> {
  const text = 'CREATE TEMPORARY TABLE recovery_gateway_write_probe () ON COMMIT DROP'
  const refused = await refusal(run({ text, params: [] }, signal))
  if (refused === null)
    throw new WriteAccepted(
      'the database accepted a write: sessions must be read-only; set default_transaction_read_only = on for the role and pass it through every pooler',
    )
  if (refused.sqlState !== READ_ONLY_SQL_TRANSACTION)
    throw new Error('the database did not refuse a write as a read-only session must', { cause: refused })
  return `a write was refused (SQLSTATE ${READ_ONLY_SQL_TRANSACTION})`
}
