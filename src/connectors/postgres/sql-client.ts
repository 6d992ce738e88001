/**
 * The port that the PostgreSQL connector needs of a driver, and what every session of every driver is told. Two
 * drivers implement it: `pool-client.ts` for a server, `pglite-client.ts` for the embedded one. The SQL is the same.
 */
export interface SqlClient {
  /**
   * Runs one statement; lists are passed as arrays. Dates come as `yyyy-mm-dd`, times as RFC 3339 in UTC, numeric as
   * text. Rejects with `SqlError`, a connection's error, or promptly with the signal's reason.
   */
  query(text: string, params: readonly unknown[], signal: AbortSignal): Promise<SqlRows>
  close(): Promise<void>
}

export interface SqlRows {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** What the server refused. Drivers attach the statement, its values and row details to their errors: not this one. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** Five characters of ISO/IEC 9075 and PostgreSQL's appendix A. */
  readonly sqlState: string

  constructor(sqlState: string, message: string) {
    super(`${message} (SQLSTATE ${sqlState})`)
    this.sqlState = sqlState
  }
}

/** A server's error without what may not be logged; any other as it is. */
export function withoutValues(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('severity' in thrown) || !('code' in thrown)) return thrown
  return new SqlError(String(thrown.code), thrown.message)
}

/** Every transaction of the session is read-only, and what it writes as text is always read the same way. */
export const SESSION_SQL = `
  SET default_transaction_read_only = on;
  SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, YMD'`

/** By type OID: date and timestamptz stay text, because a JavaScript `Date` is neither. */
export const TEXT_PARSERS: Readonly<Record<number, (text: string) => string>> = {
  1082: text => text,
  1184: rfc3339,
}

const UTC_TEXT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/

/** `2025-10-08 05:30:00+00` → `2025-10-08T05:30:00.000Z`; what RFC 3339 cannot say, such as infinity, stays as it is. */
function rfc3339(text: string): string {
  return text.replace(
    UTC_TEXT,
    (_, day: string, time: string, fraction: string = '') => `${day}T${time}.${fraction.padEnd(3, '0')}Z`,
  )
}
