import type { Partner } from './viewer.ts'

/** To what the tokens of a partner must be bound: a key that it proves with each request (RFC 9449), or its certificate (RFC 8705). */
export const TOKEN_BINDINGS = ['NONE', 'DPOP', 'MUTUAL_TLS'] as const
export type TokenBinding = (typeof TOKEN_BINDINGS)[number]

/** A partner with all that its grant gives it: what a partner grant says, and what the registry is made of. */
export interface PartnerEntry extends Partner {
  readonly scopes: readonly string[]
  /** Client identifiers at the issuer (`client_id`) that act for this partner. */
  readonly clients: readonly string[]
  /** Other than NONE: a token that is not bound so is refused. */
  readonly tokenBinding: TokenBinding
  /** True: every client of the partner is refused. */
  readonly disabled: boolean
  /** In units of the cost directives; null or left out: those of the configuration. */
  readonly limits: { readonly operationCost?: number | undefined; readonly costPerMinute?: number | undefined } | null
}
