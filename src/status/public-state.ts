import type { SiteDirectory } from '../model/directory.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { estimatedClearDate } from '../recovery/reading/backlog.ts'
import { type ComponentStatus, componentStatusOf, isReopening } from '../recovery/reading/component-status.ts'
import { shownProvenanceOf } from '../recovery/reading/provenance.ts'
import type { PlannedReopening, RecoveryState, RestartUpdate, SiteRestart } from '../recovery/state.ts'
import type { BacklogMeasure, SystemState } from '../recovery/system-state.ts'

/**
 * What everybody in the world may see of the restart: the one place that says so, by naming each member that is shown.
 * Whatever is not named here, or not marked public by a signed statement, reaches no public page. All public documents are
 * made from this and from nothing else. Times are RFC 3339 in UTC.
 */
export interface PublicState {
  /** When the latest of what is shown was said; null: nothing is shown. */
  readonly updatedAt: string | null
  /** Null: not public. */
  readonly restart: Pick<RecoveryState, 'incidentReference' | 'headline' | 'phase' | 'nextUpdateBy'> | null
  /** In their own order; empty: not public. */
  readonly systems: readonly PublicSystem[]
  readonly sites: readonly PublicSiteRestart[]
  /** Those that are for all waves. */
  readonly plannedReopenings: readonly PublicReopening[]
  /** Newest first. */
  readonly updates: readonly PublicUpdate[]
}

export interface PublicSystem
  extends Pick<
    SystemState,
    'key' | 'name' | 'lifecycle' | 'since' | 'nextUpdateBy' | 'knownLimitations' | 'workaround'
  > {
  readonly componentStatus: ComponentStatus
  /** Null: it answers nobody. */
  readonly provenance: {
    readonly asOf: string
    readonly reconciledThrough: string | null
    readonly gapFrom: string | null
    readonly gapUntil: string | null
  } | null
  readonly backlog: readonly PublicBacklog[]
}

export interface PublicBacklog extends Omit<BacklogMeasure, 'concerns'> {
  readonly estimatedClearDate: string | null
}

export interface PublicSite {
  readonly bpns: string
  readonly name: string
  readonly type: string
  readonly country: string
}

export interface PublicSiteRestart extends Pick<SiteRestart, 'shop' | 'status' | 'restartDate' | 'note'> {
  readonly site: PublicSite
}

export interface PublicReopening
  extends Pick<
    PlannedReopening,
    'id' | 'system' | 'scheduledFor' | 'scheduledUntil' | 'status' | 'conditions' | 'recordedAt'
  > {
  readonly site: PublicSite | null
}

export interface PublicUpdate extends Pick<RestartUpdate, 'id' | 'publishedAt' | 'title' | 'body' | 'affects'> {
  /** That the restart was in when it was published; null: not public. */
  readonly phase: RestartUpdate['phase'] | null
}

/** What is known beside the journal. */
export interface PublicKnowledge {
  readonly sites: SiteDirectory
  /** The time the system's data was last seen to be as of; null: it was not read yet. */
  lastAsOf(system: SystemKey): string | null
  isDegraded(system: SystemKey): boolean
}

/** Most updates that are shown. */
const MAX_UPDATES = 20

export function publicStateOf(state: RecoveryState, knowledge: PublicKnowledge): PublicState {
  const facets = new Set(state.publicFacets)
  const siteNamed = (bpns: string) => publicSite(knowledge.sites, bpns)
  const { incidentReference, headline, phase, nextUpdateBy } = state
  const announced = facets.has('PLANNED_REOPENINGS') ? state.plannedReopenings : []
  const shown = {
    restart: facets.has('RESTART') ? { incidentReference, headline, phase, nextUpdateBy } : null,
    systems: facets.has('SYSTEMS')
      ? SYSTEM_KEYS.map(key => publicSystem(state.systems[key], facets.has('BACKLOGS'), announced, knowledge))
      : [],
    // One that the directory does not have any more cannot be named.
    sites: (facets.has('SITES') ? state.sites : []).flatMap(({ bpns, shop, status, restartDate, note }) => {
      const site = siteNamed(bpns)
      return site === null ? [] : [{ site, shop, status, restartDate, note }]
    }),
    plannedReopenings: announced
      .filter(({ waves }) => waves.length === 0)
      .map(({ id, system, bpns, scheduledFor, scheduledUntil, status, conditions, recordedAt }) => {
        const site = bpns === null ? null : siteNamed(bpns)
        return { id, system, site, scheduledFor, scheduledUntil, status, conditions, recordedAt }
      }),
    updates: state.updates
      .filter(({ isPublic }) => isPublic)
      .slice(0, MAX_UPDATES)
      .map(({ id, publishedAt, title, body, affects, phase }) => ({
        id,
        publishedAt,
        title,
        body,
        affects,
        phase: facets.has('RESTART') ? phase : null,
      })),
  }
  return { updatedAt: latestOf(shown, facets.has('SITES') ? state.sites : []), ...shown }
}

function publicSystem(
  system: SystemState,
  showsBacklog: boolean,
  announced: readonly PlannedReopening[],
  knowledge: PublicKnowledge,
): PublicSystem {
  const { key, name, lifecycle, since, nextUpdateBy, knownLimitations, workaround } = system
  const provenance = shownProvenanceOf(system, knowledge.lastAsOf(key))
  return {
    key,
    name,
    lifecycle,
    componentStatus: componentStatusOf(lifecycle, {
      isDegraded: knowledge.isDegraded(key),
      isReopening: isReopening(system, announced),
    }),
    since,
    nextUpdateBy,
    provenance: provenance && {
      asOf: provenance.asOf,
      reconciledThrough: provenance.reconciledThrough,
      gapFrom: provenance.gapFrom,
      gapUntil: provenance.gapUntil,
    },
    backlog: showsBacklog ? system.backlog.map(publicBacklog) : [],
    knownLimitations,
    workaround,
  }
}

function publicBacklog(measure: BacklogMeasure): PublicBacklog {
  const { name, measuredAt, open, clearedLast24h, oldest, history } = measure
  return {
    name,
    measuredAt,
    open,
    clearedLast24h,
    oldest,
    estimatedClearDate: estimatedClearDate(measure),
    history: history.map(({ measuredAt, open }) => ({ measuredAt, open })),
  }
}

function publicSite(sites: SiteDirectory, bpns: string): PublicSite | null {
  const site = sites.get(bpns)
  return site === undefined ? null : { bpns, name: site.name, type: site.type, country: site.country }
}

/** By what is shown alone: when something else was said last is not for everybody. */
function latestOf(
  { systems, plannedReopenings, updates }: Pick<PublicState, 'systems' | 'plannedReopenings' | 'updates'>,
  sites: readonly SiteRestart[],
): string | null {
  const times = [
    ...systems.flatMap(({ since, backlog }) => [since, ...backlog.map(({ measuredAt }) => measuredAt)]),
    ...sites.map(({ recordedAt }) => recordedAt),
    ...plannedReopenings.map(({ recordedAt }) => recordedAt),
    ...updates.map(({ publishedAt }) => publishedAt),
  ]
  // All of one form, so that they are ordered as text.
  return times.toSorted().at(-1) ?? null
}
