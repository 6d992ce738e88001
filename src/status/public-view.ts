import type { PublicReopening, PublicSiteRestart, PublicState, PublicSystem, PublicUpdate } from './public-state.ts'

/**
 * What is public, in the shape in which a partner's status page gets its own from GraphQL, so that one page shows both:
 * what the public does not see is null there, or an empty list. Called by what serves the status.
 */
export interface PublicView {
  /** Nobody is signed in. */
  readonly viewer: null
  readonly restartStatus: {
    /** Null, and so the next four: not public. */
    readonly incidentReference: string | null
    readonly headline: string | null
    readonly phase: string | null
    /** When the latest of what is shown was said; null: nothing is shown. */
    readonly updatedAt: string | null
    readonly nextUpdateBy: string | null
    readonly systems: readonly ViewedSystem[]
    readonly sites: readonly PublicSiteRestart[]
    readonly plannedReopenings: readonly ViewedReopening[]
    readonly updates: { readonly edges: readonly { readonly node: Omit<PublicUpdate, 'phase'> }[] }
  }
}

export interface ViewedSystem extends PublicSystem {
  readonly answersViewer: null
  readonly objectives: null
  readonly contact: null
}

export interface ViewedReopening extends Omit<PublicReopening, 'recordedAt' | 'site'> {
  readonly site: { readonly bpns: string; readonly name: string } | null
  /** Those for some waves only are left out. */
  readonly waves: readonly []
}

export function createPublicView({ updatedAt, restart, ...shown }: PublicState): PublicView {
  return {
    viewer: null,
    restartStatus: {
      incidentReference: restart?.incidentReference ?? null,
      headline: restart?.headline ?? null,
      phase: restart?.phase ?? null,
      updatedAt,
      nextUpdateBy: restart?.nextUpdateBy ?? null,
      systems: shown.systems.map(system => ({ ...system, answersViewer: null, objectives: null, contact: null })),
      sites: shown.sites,
      plannedReopenings: shown.plannedReopenings.map(({ recordedAt: _, site, ...planned }) => ({
        ...planned,
        site: site && { bpns: site.bpns, name: site.name },
        waves: [],
      })),
      updates: { edges: shown.updates.map(({ phase: _, ...node }) => ({ node })) },
    },
  }
}
