import { scrubText } from '../observe/scrub-text.ts'
import type { Tracing } from '../observe/tracing.ts'
import type { Execution } from './execution.ts'

/** Has each operation executed within a span of its own, where traces are made: its name, never its document or variables. */
export function traceExecution(execution: Execution, tracing: Tracing): Execution {
  return {
    ...execution,
    execute(context) {
      const name = context.plan?.operationName ?? null
      const attributes = {
        'graphql.operation.type': 'query',
        ...(name === null ? {} : { 'graphql.operation.name': scrubText(name) }),
      }
      return tracing.span('query', attributes, () => execution.execute(context))
    },
  }
}
