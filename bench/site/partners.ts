import { parse } from 'yaml'
import type { Dataset } from '../../demo/generator/dataset.ts'
import { partnersYaml } from '../../demo/generator/directory.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { entryOf, partnerGranted } from '../../src/recovery/statements/kinds/partner-grant.ts'
import type { BenchPartner } from './site.ts'

/** Who asks at a site: of a dataset's partners as many as are wanted, each with the grant that the generator gives it. */
export interface BenchPartners {
  /** For the journal; the internal client first. */
  readonly entries: readonly PartnerEntry[]
  readonly retailers: readonly BenchPartner[]
  readonly suppliers: readonly BenchPartner[]
  readonly internal: BenchPartner
  /** Of retailers and suppliers: one of each, then the next of each, and so on. */
  readonly clients: readonly string[]
}

/** A partner's systems ask with a token of their own each: workshop, counter, fleet, portal, reporting. */
const CLIENTS_EACH = 5

export interface PartnerCounts {
  readonly retailers: number
  readonly suppliers: number
}

export function partnersOf(dataset: Dataset, counts: PartnerCounts): BenchPartners {
  const all = grantsOf(dataset)
    .filter(({ disabled }) => !disabled)
    .map(entry => ({ ...entry, clients: clientsOf(entry) }))
  const some = (role: string, most: number) => all.filter(({ roles }) => roles[0] === role).slice(0, most)
  const internal = some('INTERNAL', 1)
  const retailers = some('RETAILER', counts.retailers)
  const suppliers = some('SUPPLIER', counts.suppliers)
  const [insider] = internal.map(partnerOf)
  if (insider === undefined) throw new TypeError('the dataset has no internal client')
  return {
    // Plenty for the load of a whole run, so that budgets are kept and nobody meets theirs.
    entries: [...internal, ...retailers, ...suppliers].map(entry => ({
      ...entry,
      limits: { operationCost: 1_000_000, costPerMinute: 1_000_000_000 },
    })),
    retailers: retailers.map(partnerOf),
    suppliers: suppliers.map(partnerOf),
    internal: insider,
    clients: Array.from({ length: CLIENTS_EACH }, (_, n) =>
      [...retailers, ...suppliers].flatMap(({ clients }) => clients[n] ?? []),
    ).flat(),
  }
}

const clientsOf = ({ clients, bpnl }: PartnerEntry): readonly string[] =>
  Array.from({ length: CLIENTS_EACH }, (_, n) => clients[n] ?? `${bpnl}-${n + 1}`)

const partnerOf = ({ bpnl, clients, sites }: PartnerEntry): BenchPartner => ({
  bpnl,
  client: clients[0] ?? bpnl,
  sites,
})

interface ListedPartner {
  readonly bpnl: string
  readonly disabled?: boolean
}

/** The generator writes the registry as text only. */
function grantsOf(dataset: Dataset): readonly PartnerEntry[] {
  const { partners } = parse(partnersYaml(dataset)) as { readonly partners: readonly ListedPartner[] }
  return partners.map(({ bpnl, disabled = false, ...granted }) =>
    entryOf(bpnl, disabled, partnerGranted.parse(granted)),
  )
}
