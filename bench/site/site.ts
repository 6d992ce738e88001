/**
 * What every variant of the benchmark stands on: one database with the systems' rows, an issuer of tokens, and the partners
 * who ask. Read by the work generator and by the variants; opened in open-site.ts; holds nothing that runs.
 */
export interface BenchSite {
  /** The systems' rows, in the schemas `parts_logistics`, `wholesale_finance` and `production_schedule`. */
  readonly databaseUrl: string
  readonly scale: number
  /** Issuer, audience and public keys: what a variant verifies tokens by. */
  readonly issuer: BenchIssuer
  /** With parts orders, wholesale vehicles and sites that serve them. */
  readonly retailers: readonly BenchPartner[]
  /** With invoices. */
  readonly suppliers: readonly BenchPartner[]
  readonly internal: BenchPartner
  /** Every OAuth client of retailers and suppliers: one of each partner, then the next of each, and so on. */
  readonly clients: readonly string[]
  /** Active parts, in the order of the generator. */
  readonly partNumbers: readonly string[]
  /** Of any client above: an access token that lives longer than a run. The same one whenever it is asked for. */
  token(client: string): Promise<string>
  /** A configuration file of the gateway, on any free ports of loopback. */
  configFile(options: ConfigFileOptions): Promise<string>
  /** The restart as it stands, for those who do not follow the journal. */
  readonly restartImageFile: string
  /** Statements that a database role has had executed so far that read rows: neither the time of the data nor how many there are. */
  reads(role: string): Promise<number>
  /** Resolves when a role has nothing more to do: what a gateway examines of itself after its start is over. */
  settled(role: string): Promise<void>
  /** A private Redis, for the section `sharedStore` of gateways of several processes; started when it is first asked for. */
  sharedStoreUrl(): Promise<string>
  /** Ends the servers; the filled database stays for the next run. */
  close(): Promise<void>
}

export interface BenchPartner {
  readonly bpnl: string
  readonly client: string
  /** BPNS of the sites that serve it, best ranked first; empty but for retailers and the internal client. */
  readonly sites: readonly string[]
}

export interface BenchIssuer {
  readonly issuer: string
  readonly audience: string
  readonly jwksFile: string
}

export interface ConfigFileOptions {
  /** False: neither answers nor records are kept. */
  readonly cached: boolean
  /** Laid over the top level. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** The database role that reads the systems, made where there is none. Default: the gateway's. */
  readonly role?: string
}
