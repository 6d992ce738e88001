/** Who is asking, as the partner registry confirms it. Made only by `src/identity/`, from a verified token. */

export const PARTNER_ROLES = ['SUPPLIER', 'RETAILER', 'IMPORTER', 'LOGISTICS_PROVIDER', 'FUNDER', 'INTERNAL'] as const
export type PartnerRole = (typeof PARTNER_ROLES)[number]

/** A partner as the registry knows it. */
export interface Partner {
  /** Catena-X business partner number of the legal entity (CX-0010): the owner of rows. */
  readonly bpnl: string
  readonly name: string
  readonly roles: readonly PartnerRole[]
  /** BPNS of the sites that serve this partner, nearest first. */
  readonly sites: readonly string[]
  /** The wave of LIMITED_OPEN that the partner belongs to, 1 being the first; null: none. */
  readonly wave: number | null
}

export interface Viewer {
  readonly partner: Partner
  readonly clientId: string
  /** What the registry grants and the token asks for: never more than either. */
  readonly scopes: ReadonlySet<string>
  /** Changes whenever the registry changes this partner, so that nothing cached under its old rights is reachable. */
  readonly epoch: string
  /** Most that one operation may cost, in units of the cost directives. */
  readonly operationCostLimit: number
  /** What the partner may spend in a minute, in the same units. */
  readonly costPerMinute: number
}

/** Facts about a viewer that an answer may depend on: the words of `@partition(by:)`. */
export const VIEWER_FACTS = ['PARTNER', 'SITES', 'ROLE', 'WAVE'] as const
export type ViewerFact = (typeof VIEWER_FACTS)[number]
