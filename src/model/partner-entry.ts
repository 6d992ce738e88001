import type { Partner } from './viewer.ts'

/** A partner with all that its grant gives it: what a partner grant says, and what the registry is made of. */
export interface PartnerEntry extends Partner {
  readonly scopes: readonly string[]
  /** Client identifiers at the issuer (`client_id`) that act for this partner. */
  readonly clients: readonly string[]
  /** True: every client of the partner is refused. */
  readonly disabled: boolean
  /** In units of the cost directives; null or left out: those of the configuration. */
  readonly limits: { readonly operationCost?: number | undefined; readonly costPerMinute?: number | undefined } | null
}
