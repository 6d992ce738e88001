import type { Statement } from '../statements/statement-kinds.ts'

/**
 * Whether a statement was signed before this instant: what has happened since, its signatory cannot have known. Called
 * where a statement that was held back could undo a later decision. Times of signing are whole seconds, so within the
 * second it counts.
 */
export function isOvertaken({ issuedAt }: Pick<Statement, 'issuedAt'>, instant: string): boolean {
  return Math.floor(Date.parse(issuedAt) / 1_000) < Math.floor(Date.parse(instant) / 1_000)
}
