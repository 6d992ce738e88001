import type { GuardResult } from '../lifecycle/guard-result.ts'

/** Every reason for which a statement is refused; `docs/statements/` explains each. */
export const REFUSAL_CODES = [
  /** Not one compact JWS with the header that a statement has. */
  'MALFORMED',
  'UNKNOWN_KIND',
  'UNKNOWN_KEY',
  'KEY_WITHDRAWN',
  'BAD_SIGNATURE',
  'INVALID_CLAIMS',
  'WRONG_AUDIENCE',
  'WRONG_INCIDENT',
  'WRONG_ROLE',
  /** The key may not speak of this system. */
  'WRONG_SYSTEM',
  'EXPIRED',
  'NOT_YET_VALID',
  'VALID_TOO_LONG',
  'REPLAYED',
  /** It does not follow from the state: a revision out of order, a partner that is there already, a step that is none. */
  'CONTRADICTION',
  'GUARD_UNMET',
  'JOURNAL_OUT_OF_REACH',
  'JOURNAL_NOT_VERIFIED',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** A statement was refused, and nothing has changed. The message is for the operator who gave it. */
export class StatementRefusal extends Error {
  override readonly name = 'StatementRefusal'
  readonly code: RefusalCode
  /** With GUARD_UNMET: every guard of the step. */
  readonly guards: readonly GuardResult[]

  constructor(code: RefusalCode, message: string, options: { guards?: readonly GuardResult[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.guards = options.guards ?? []
  }
}

/** A value out of a statement, as a message may show it. */
export const quoted = (value: unknown): string => excerpt(JSON.stringify(value) ?? 'nothing', 80)

/** Text in printable ASCII, so that it cannot act on a terminal, and cut. */
export function excerpt(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text
  return cut.replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
