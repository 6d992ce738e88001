import { withTls } from './client-tls.ts'
import type { RecoveryConfig } from './load-config.ts'

/** The section `recovery` as the restart takes it: with the TLS files of its journal read. Called before the journal is opened. */
export async function readRestartSettings<R extends Pick<RecoveryConfig, 'journal'>>(recovery: R) {
  const { journal } = recovery
  return { ...recovery, journal: journal.kind === 'postgres' ? await withTls(journal) : journal }
}
