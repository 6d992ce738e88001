import type { Tracing } from '../../observe/tracing.ts'
import type { SqlClient } from './sql-client.ts'

/** Has each statement run within a span of its own, where traces are made: its verb, never its text or parameters. */
export function traceStatements(client: SqlClient, tracing: Tracing): SqlClient {
  return {
    ...client,
    query(text, params, signal, isRecurring) {
      const [, verb = 'statement'] = /^\s*(SELECT|WITH|SHOW|SET|INSERT)\b/i.exec(text) ?? []
      const name = verb.toUpperCase()
      return tracing.span(name, { 'db.system.name': 'postgresql', 'db.operation.name': name }, () =>
        client.query(text, params, signal, isRecurring),
      )
    },
  }
}
