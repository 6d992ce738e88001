/**
 * The port that the journal's store needs of PostgreSQL. Two drivers implement it: `postgres-store.ts` for a server,
 * `embedded-store.ts` for the embedded one. Every statement runs as the role of the journal.
 */
export interface Database {
  /** Runs one statement in a transaction of its own. */
  readonly query: Query
  /** The same for readers in no hurry, who never keep those of `query` waiting. */
  readonly browse: Query
  /** Runs work in one transaction that is rolled back whatever comes of it. */
  rehearse(work: (query: Query) => Promise<void>): Promise<void>
  /**
   * Calls back after each notification on the channel, and whenever some may have been missed. Resolves once it has
   * listened or failed to once; it tries again for ever. Returns what ends it.
   */
  listen(channel: string, onNotification: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export type Query = (text: string, params?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** What PostgreSQL refused, without the values that drivers attach to their errors. */
export class RefusedSql extends Error {
  override readonly name = 'RefusedSql'
  /** Five characters of PostgreSQL's appendix A. */
  readonly sqlState: string
  /** Name of the constraint that was violated, or null. */
  readonly constraint: string | null
  /** In its own words. */
  readonly reason: string

  constructor(sqlState: string, constraint: string | null, reason: string) {
    super(`${reason} (SQLSTATE ${sqlState})`)
    this.sqlState = sqlState
    this.constraint = constraint
    this.reason = reason
  }
}

/** A server's error as `RefusedSql`; any other as it is. */
export function refusalOf(thrown: unknown): unknown {
  if (!Error.isError(thrown) || !('severity' in thrown) || !('code' in thrown)) return thrown
  const constraint = 'constraint' in thrown && typeof thrown.constraint === 'string' ? thrown.constraint : null
  return new RefusedSql(String(thrown.code), constraint, thrown.message)
}
