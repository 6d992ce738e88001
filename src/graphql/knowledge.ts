import type { Budget } from '../admission/budget.ts'
import type { SiteDirectory } from '../model/directory.ts'
import { GatewayError } from '../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Evidence } from '../recovery/reading/evidence.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { Gate } from '../systems/gate.ts'
import type { RestoredSystem } from '../systems/restored-system.ts'
import type { Knowledge } from './context.ts'
import type { StandardCodes } from './standard-codes.ts'
import { createRestartChanges } from './subscriptions/restart-changes.ts'

/** Gathers what the gateway itself knows for the resolvers. Made once by the composition root; reads no system. */
export interface KnowledgeSources {
  readonly codes: StandardCodes
  readonly sites: SiteDirectory
  readonly recovery: Recovery
  /** What a system's opening rests on, as of now. */
  readonly evidence: (system: SystemKey) => readonly Evidence[]
  readonly restored: Readonly<Record<SystemKey, RestoredSystem>>
  readonly gate: Gate
  readonly budget: (viewer: Viewer) => Promise<Budget>
}

export function createKnowledge(sources: KnowledgeSources): Knowledge {
  const { codes, sites, recovery, evidence, restored, gate, budget } = sources
  return {
    codes,
    site(bpns) {
      const site = sites.get(bpns)
      if (site) return site
      throw new GatewayError('SYSTEM_DATA_INVALID', 'A restored system names a site that the gateway does not know.', {
        cause: new Error(`the site directory has no ${bpns}`),
      })
    },
    restart: () => recovery.current().state,
    evidence,
    restartChanges: createRestartChanges(recovery, evidence),
    lastAsOf: system => restored[system].health().asOf,
    isDegraded(system) {
      const { failure, warning } = restored[system].health()
      return failure !== null || warning !== null
    },
    openSystems: viewer => SYSTEM_KEYS.filter(system => gate.isOpen(system, viewer)),
    budget,
  }
}
