import { SqlError, type SqlRows } from './sql-client.ts'
import type { Statement } from './statements.ts'

/** How the parts of the connector send a statement, and how they tell the server's refusal of it from an outage. */
export type Run = (statement: Statement, signal: AbortSignal) => Promise<SqlRows>

/** Why the server refused; null: it did not. What is no answer about the statement is thrown on. */
export async function refusal(answer: Promise<unknown>): Promise<SqlError | null> {
  try {
    await answer
    return null
  } catch (thrown) {
    // 53: too little of something; 57P: the server is going down or not up yet.
    if (thrown instanceof SqlError && !/^(53|57P)/.test(thrown.sqlState)) return thrown
    throw thrown
  }
}
