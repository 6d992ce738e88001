import { LRUCache } from 'lru-cache'
import { GatewayError } from '../model/errors.ts'
import type { TokenBinding } from '../model/partner-entry.ts'
import type { Partner, Viewer } from '../model/viewer.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { RegisteredPartner } from '../recovery/state.ts'
import { forbidden } from './forbidden.ts'

/**
 * Who the partners are and what each may do, as the journal's grants say. Called by the authenticator for every request.
 * It keeps nothing of its own but what it has worked out from the state: a change there is a change here at once.
 */
export interface PartnerRegistry {
  /** The viewer behind a client: never more scopes than the grant gives, nor than the token asks for. Null: unknown or disabled. */
  viewerFor(clientId: string, tokenScopes: ReadonlySet<string>): Viewer | null
  /** To what the tokens of a client must be bound; NONE where it is unknown. */
  bindingOf(clientId: string): TokenBinding
  /** Another value, by `===`, as soon as any grant has changed. */
  version(): unknown
  /** Whether a viewer's partner is still enabled, with the rights that the viewer was made with. */
  isCurrent(viewer: Viewer): boolean
  /** Throws where it is not: FORBIDDEN without an enabled partner, SYSTEM_UNAVAILABLE where its rights are other ones. */
  confirm(viewer: Viewer): void
}

export interface PartnerRegistryOptions {
  readonly recovery: Recovery
  /** For partners whose grants name no limits of their own, in units of the cost directives. */
  readonly limits: { readonly operationCost: number; readonly costPerMinute: number }
  /** Most viewers that are kept in memory. Default 10,000. */
  readonly maxViewers?: number
}

export function createPartnerRegistry({
  recovery,
  limits,
  maxViewers = 10_000,
}: PartnerRegistryOptions): PartnerRegistry {
  const viewers = new LRUCache<string, Viewer>({ max: maxViewers })
  let partners: ReadonlyMap<string, RegisteredPartner> = new Map()
  let byClient: ReadonlyMap<string, RegisteredPartner> = new Map()

  /** The partner behind a client, by the state as of now. */
  function registered(clientId: string): RegisteredPartner | null {
    const { state } = recovery.current()
    if (state.partners !== partners) {
      partners = state.partners
      byClient = new Map([...partners.values()].flatMap(one => one.entry.clients.map(client => [client, one] as const)))
      viewers.clear()
    }
    const found = byClient.get(clientId)
    return found === undefined || found.entry.disabled ? null : found
  }

  return {
    viewerFor(clientId, tokenScopes) {
      const found = registered(clientId)
      if (found === null) return null
      const { entry, epoch } = found
      const scopes = entry.scopes.filter(scope => tokenScopes.has(scope))
      // By the scopes that are granted, not by those that a token asks for: so a client cannot fill the map.
      const key = JSON.stringify([epoch, clientId, scopes])
      const known = viewers.get(key)
      if (known !== undefined) return known
      const viewer: Viewer = Object.freeze({
        partner: partnerOf(found),
        clientId,
        scopes: new Set(scopes),
        epoch,
        operationCostLimit: entry.limits?.operationCost ?? limits.operationCost,
        costPerMinute: entry.limits?.costPerMinute ?? limits.costPerMinute,
      })
      viewers.set(key, viewer)
      return viewer
    },
    bindingOf: clientId => registered(clientId)?.entry.tokenBinding ?? 'NONE',
    version: () => recovery.current().state.partners,
    isCurrent: ({ clientId, epoch }) => registered(clientId)?.epoch === epoch,
    confirm({ clientId, epoch }) {
      const found = registered(clientId)
      if (found?.epoch === epoch) return
      if (found === null) throw forbidden(clientId)
      throw new GatewayError('SYSTEM_UNAVAILABLE', 'What your partner is granted has changed meanwhile. Ask again.')
    },
  }
}

function partnerOf({ entry: { bpnl, name, roles, sites, wave } }: RegisteredPartner): Partner {
  return Object.freeze({ bpnl, name, roles, sites, wave })
}
