import { GatewayError } from '../../../model/errors.ts'
import { ConfigError } from '../../../model/operator-file.ts'
import { scrubText } from '../../../observe/scrub-text.ts'

/** What a check found to be wrong, and why a step of one failed, in words for whoever writes the configuration. */

/** Names tables, columns and settings, never a value of a row. */
export interface Problem {
  /** What it is about, such as `parts-logistics part_stock, column unit`. */
  readonly where: string
  readonly what: string
  /** What to do about it; null: that is said already. */
  readonly remedy: string | null
}

/** The same of a relation, before it is said of which system. */
export interface Finding {
  /** As the configuration names it; null: it is about the whole relation. */
  readonly column: string | null
  readonly what: string
  readonly remedy: string
}

/** What a failure is told as: one problem, or those of a file, which have their places and remedies in them. */
export function problemsOf(thrown: unknown, where: string, remedy: string): readonly Problem[] {
  if (thrown instanceof ConfigError) return thrown.problems.map(what => ({ where, what, remedy: null }))
  return [{ where, what: reasonOf(thrown), remedy }]
}

/** Why a step failed, on one line: all that its causes add, without secrets. What partners are told is left out. */
export function reasonOf(thrown: unknown): string {
  const reasons: string[] = []
  for (let error = thrown; Error.isError(error) && reasons.length < MOST_CAUSES; error = error.cause) {
    const isForPartners = error instanceof GatewayError && error.cause !== undefined
    const said = isForPartners ? '' : messageOf(error)
    if (said !== '' && !reasons.some(reason => reason.includes(said))) reasons.push(said)
  }
  return scrubText(reasons.join(': ')).replace(/\s+/g, ' ').trim() || 'it failed without a reason'
}

const MOST_CAUSES = 5

/** A connection that was tried at several addresses fails with a list of errors and no message of its own. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return 'code' in error ? String(error.code) : ''
}
