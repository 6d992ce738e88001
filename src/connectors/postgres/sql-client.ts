/**
 * The port that the PostgreSQL connector needs of a driver, and what every session of every driver is told. Two
 * drivers implement it: `pool-client.ts` for a server, `pglite-client.ts` for the embedded one. The SQL is the same.
 */
export interface SqlClient {
  /**
   * Runs one statement, and no second one in its text; lists are passed as arrays. Dates come as `yyyy-mm-dd`, times as
   * RFC 3339 in UTC, numeric as text, integers of any size as numbers. Rejects with `SqlError`, a connection's error, or
   * promptly with the signal's reason.
   *
   * @param isRecurring a server may keep it prepared
   */
  query(text: string, params: readonly unknown[], signal: AbortSignal, isRecurring?: boolean): Promise<SqlRows>
  /** The database is the gateway's own, whose one role may write: there the session alone is read-only. */
  readonly isEmbedded: boolean
  close(): Promise<void>
}

export interface SqlRows {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** In their order; there may be several of one name, of which a row has the last. */
  readonly columns: readonly SqlColumn[]
}

export interface SqlColumn {
  readonly name: string
  /** OID of the type; of a domain, that of the type under it. */
  readonly typeId: number
  /** The type's length, or its precision and scale, as PostgreSQL keeps them; -1: none; null: the driver does not tell. */
  readonly typeModifier: number | null
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
  const sqlState = String(thrown.code)
  // A data exception quotes the value that it is about.
  const message = sqlState.startsWith('22') ? thrown.message.replace(/".*"/s, '"…"') : thrown.message
  return new SqlError(sqlState, message)
}

/** Every transaction of the session is read-only, and what it writes as text is always read the same way. */
export const SESSION_SQL = `
  SET default_transaction_read_only = on;
  SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, YMD'`

/**
 * By type OID: date and timestamptz stay text, because a JavaScript `Date` is neither; a bigint is a number, or text where
 * no number holds it, which the border refuses.
 */
export const TEXT_PARSERS: Readonly<Record<number, (text: string) => string | number>> = {
  20: text => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  1082: text => text,
  1184: rfc3339,
}

const UTC_TEXT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/

const WHOLE_SECOND = '2025-10-08 05:30:00+00'.length

/** `2025-10-08 05:30:00+00` → `2025-10-08T05:30:00.000Z`; what RFC 3339 cannot say, such as infinity, stays as it is. */
function rfc3339(text: string): string {
  // Most times, and cheap to tell: no other form of PostgreSQL's has this length and this end.
  if (text.length === WHOLE_SECOND && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`
  return text.replace(
    UTC_TEXT,
    (_, day: string, time: string, fraction: string = '') => `${day}T${time}.${fraction.padEnd(3, '0')}Z`,
  )
}
