import type { GraphQLSchema } from 'graphql'
import type { FieldContext } from '../../src/graphql/context.ts'
import { createKnowledge } from '../../src/graphql/knowledge.ts'
import { standardCodes } from '../../src/graphql/standard-codes.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import { createReads } from '../../src/loaders/reads.ts'
import { systemClock } from '../../src/model/clock.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import type { RestoredSystems } from '../../src/systems/restored-systems.ts'
import type { Systems } from '../../src/systems/systems.ts'
import { visibleRows } from '../../src/systems/visibility.ts'
import { readsOfAll } from '../../test/support/reads-of-all.ts'
import { readRestartImage, standingRecovery } from '../site/restart-image.ts'
import { openRestored } from '../site/restored.ts'
import type { PeerOptions } from './peer-options.ts'
import { loadPeerSchema } from './peer-schema.ts'
import { createPeerTokens } from './peer-tokens.ts'

/**
 * What every peer in Node serves: the gateway's resolvers over its loaders and connectors, with a context that gives them
 * what they read and nothing else. No guard, no gate, no scopes, no budgets: a peer does less than the gateway.
 */
export interface Peer {
  readonly schema: GraphQLSchema
  /** Made anew for every request. Throws where the token counts for nobody. */
  contextFor(authorization: string | null | undefined): Promise<PeerContext>
  close(): Promise<void>
}

export interface PeerContext extends FieldContext {
  /** BPNL of the partner: the session of every response cache. */
  readonly partner: string
}

export async function openPeer(options: Omit<PeerOptions, 'port' | 'cached'>): Promise<Peer> {
  const image = await readRestartImage(options.restartImageFile)
  const recovery = standingRecovery(image)
  const { config, sites, systems: restored, close } = await openRestored(options.configFile, recovery)
  const registry = createPartnerRegistry({ recovery, limits: config.limits })
  const { verify } = await createPeerTokens(options.issuer, { memo: options.tokenMemo })
  const schema = await loadPeerSchema()
  const systems = ungated(restored)
  const knowledge = createKnowledge({
    codes: standardCodes(schema),
    sites,
    recovery,
    evidence: system => image.evidence[system],
    restored,
    gate: { admit: () => '', assertLive: () => {}, confirm: () => {}, confirmViewer: () => {}, isOpen: () => true },
    budget: () => Promise.reject(new Error('a peer keeps no budgets')),
  })
  // The time of the data is first asked for here, as the gateway's proof asks for it at its start.
  await Promise.all(SYSTEM_KEYS.map(key => restored[key].prove()))
  return {
    schema,
    async contextFor(authorization) {
      const { client, scopes } = await verify(authorization)
      const viewer = registry.viewerFor(client, scopes)
      if (viewer === null) throw new Error(`${client} is the client of no partner`)
      return {
        partner: viewer.partner.bpnl,
        facts: factsOf(viewer),
        reads: readsOfAll(createReads(systems, viewer, systemClock)),
        knowledge,
        cacheKey: null,
        beganAtMs: systemClock.now(),
        lastKnown: { atMs: null },
      }
    },
    close,
  }
}

function factsOf(viewer: Viewer): FieldContext['facts'] {
  const { partner } = viewer
  const { bpnl: owner, sites, roles, wave } = partner
  return { owner, partner, viewer, sites, roles, wave }
}

/** Peers have no turns between partners. */
const ASKER = { by: 'peer', waitedMs: 0, confirm: () => {} }

/** The systems as loaders see them, open to everybody. Rows are still those that the grant shows. */
function ungated(restored: RestoredSystems): Systems {
  return {
    async lookup(_, relation, columns, keys, grant) {
      const visible = visibleRows(relation, grant)
      return visible === null
        ? keys.map(() => [])
        : restored[relation.system].lookup(relation, columns, keys, visible, ASKER)
    },
    async page(_, relation, request, grant) {
      const visible = visibleRows(relation, grant)
      if (visible === null) throw new TypeError(`a page of ${relation.name} was asked for without a grant`)
      return restored[relation.system].page(relation, request, visible, ASKER)
    },
  }
}
