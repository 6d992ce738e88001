import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import { deepFreeze } from '../model/freeze.ts'
import type { Partner, Viewer } from '../model/viewer.ts'
import { assertDistinct, type PartnerEntry } from './partner-entry.ts'

/**
 * Who the partners are and what each may do. Called by the authenticator for every request. A snapshot is immutable
 * and replaced whole; a change takes effect with the very next request, and the changed partner has a new epoch.
 */
export interface PartnerRegistry {
  /** The viewer behind a client: never more scopes than the registry grants, nor than the token asks for. Null: unknown or disabled. */
  viewerFor(clientId: string, tokenScopes: ReadonlySet<string>): Viewer | null
  /** The partner of a BPNL, disabled ones included: rows still name them. */
  partner(bpnl: string): Partner | undefined
  /** Replaces all partners; those whose entries are equal keep their epochs. Throws `ConfigError` and changes nothing where two clash. */
  replace(entries: readonly PartnerEntry[]): void
  /** Replaces parts of one partner's entry; throws `RangeError` where there is no such partner. */
  change(bpnl: string, change: Partial<Omit<PartnerEntry, 'bpnl'>>): void
}

export interface PartnerRegistryOptions {
  readonly partners: readonly PartnerEntry[]
  /** For partners whose entries name no limits of their own, in units of the cost directives. */
  readonly limits: { readonly operationCost: number; readonly costPerMinute: number }
  /** Most viewers that are kept in memory. Default 10,000. */
  readonly maxViewers?: number
}

interface Registered {
  readonly entry: PartnerEntry
  readonly partner: Partner
  readonly epoch: string
}

interface Snapshot {
  readonly byBpnl: ReadonlyMap<string, Registered>
  readonly byClient: ReadonlyMap<string, Registered>
}

export function createPartnerRegistry({
  partners,
  limits,
  maxViewers = 10_000,
}: PartnerRegistryOptions): PartnerRegistry {
  const process = randomUUID()
  let count = 0
  let snapshot = snapshotOf(partners, new Map())
  const viewers = new LRUCache<string, Viewer>({ max: maxViewers })

  function snapshotOf(entries: readonly PartnerEntry[], before: Snapshot['byBpnl']): Snapshot {
    assertDistinct(entries)
    const registered = entries.map((entry): Registered => {
      const known = before.get(entry.bpnl)
      if (known !== undefined && isDeepStrictEqual(known.entry, entry)) return known
      const kept = deepFreeze(structuredClone(entry))
      const { bpnl, name, roles, sites, wave } = kept
      return { entry: kept, partner: deepFreeze({ bpnl, name, roles, sites, wave }), epoch: `${process}.${++count}` }
    })
    return {
      byBpnl: new Map(registered.map(one => [one.entry.bpnl, one])),
      byClient: new Map(registered.flatMap(one => one.entry.clients.map(client => [client, one] as const))),
    }
  }

  function replace(entries: readonly PartnerEntry[]): void {
    snapshot = snapshotOf(entries, snapshot.byBpnl)
    viewers.clear()
  }

  return {
    viewerFor(clientId, tokenScopes) {
      const registered = snapshot.byClient.get(clientId)
      if (registered === undefined || registered.entry.disabled) return null
      const { entry, partner, epoch } = registered
      const scopes = entry.scopes.filter(scope => tokenScopes.has(scope))
      // By the scopes that are granted, not by those that a token asks for: so a client cannot fill the map.
      const key = JSON.stringify([epoch, clientId, scopes])
      const known = viewers.get(key)
      if (known !== undefined) return known
      const viewer: Viewer = Object.freeze({
        partner,
        clientId,
        scopes: new Set(scopes),
        epoch,
        operationCostLimit: entry.limits?.operationCost ?? limits.operationCost,
        costPerMinute: entry.limits?.costPerMinute ?? limits.costPerMinute,
      })
      viewers.set(key, viewer)
      return viewer
    },
    partner: bpnl => snapshot.byBpnl.get(bpnl)?.partner,
    replace,
    change(bpnl, change) {
      if (!snapshot.byBpnl.has(bpnl)) throw new RangeError(`no partner ${bpnl} is registered`)
      replace([...snapshot.byBpnl.values()].map(({ entry }) => (entry.bpnl === bpnl ? { ...entry, ...change } : entry)))
    },
  }
}
