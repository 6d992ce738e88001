import { setImmediate } from 'node:timers/promises'
import { SYSTEM_KEYS, type SystemKey, type SystemLifecycle } from '../model/system.ts'
import type { RecoveryState } from '../recovery/state.ts'
import { type Cohort, cohortsOf, type Standing } from './cohorts.ts'
import type { Declarations, FieldDeclaration } from './declarations.ts'
import type { RecordedOperation, RecordedOperations } from './recorded-operations.ts'

/**
 * What a change of the restart's state would do to partners: which of them each system would cease or begin to answer,
 * and which of the operations that they ask. Called for a dry run; pure, and never asks a system.
 */
export interface Impact {
  readonly systems: readonly { readonly key: SystemKey; readonly from: SystemLifecycle; readonly to: SystemLifecycle }[]
  /** Partners that would change, by system. */
  readonly partners: readonly ImpactOnPartner[]
  /** Operations that this instance has answered since it started and whose answers would change. */
  readonly operations: readonly ImpactOnOperation[]
}

const CHANGES = ['ANSWERED_TO_REFUSED', 'REFUSED_TO_ANSWERED'] as const
export type Change = (typeof CHANGES)[number]

export interface ImpactOnPartner {
  readonly bpnl: string
  readonly name: string
  readonly system: SystemKey
  readonly change: Change
}

/** Stands once for each way in which the operation changes: what it loses for some, others may gain. */
export interface ImpactOnOperation {
  /** The operation's name, or null where it has none. */
  readonly name: string | null
  /** Hash of the operation, so that two without a name can be told apart. */
  readonly operation: string
  /** Of the systems that it reads, those that change so for one of the partners. */
  readonly systems: readonly SystemKey[]
  readonly change: Change
  /** BPNL of the partners that asked it and are concerned: the first hundred. */
  readonly partners: readonly string[]
  /** How many they are. */
  readonly partnersInAll: number
  readonly timesAsked: number
  readonly lastAskedAt: string
}

export interface ImpactBasis {
  readonly declarations: Declarations
  readonly recorded: Pick<RecordedOperations, 'list'>
}

/** Named of those that an operation concerns. */
const MOST_PARTNERS = 100
/** Judged in one turn: where no two have equal rights it takes a few milliseconds. */
const PARTNERS_PER_TURN = 100

/**
 * Equal for equal input, whatever the order in which partners registered and operations were asked. Lets others have
 * their turn between two operations, each of which takes up to a millisecond.
 */
export async function impactOf(before: RecoveryState, after: RecoveryState, basis: ImpactBasis): Promise<Impact> {
  const cohorts = cohortsOf(before, after)
  const doors = SYSTEM_KEYS.map(system => ({ systems: [system], fields: doorsTo(system, basis.declarations) }))
  const changesOfPartner = perCohort(cohort =>
    doors.flatMap(({ systems, fields }) =>
      changesBetween(cohort, systems, standing => fields.some(field => standing.holds(field))),
    ),
  )
  const partners: ImpactOnPartner[] = []
  for (const [index, bpnl] of [...cohorts.keys()].sort().entries()) {
    const name = nameOf(after, bpnl) ?? nameOf(before, bpnl) ?? bpnl
    for (const { system, change } of changesOfPartner(cohorts.get(bpnl))) partners.push({ bpnl, name, system, change })
    if (index % PARTNERS_PER_TURN === 0) await setImmediate()
  }
  const operations: ImpactOnOperation[] = []
  for (const operation of basis.recorded.list().toSorted(byNameThenKey)) {
    operations.push(...impactOnOperation(operation, cohorts))
    await setImmediate()
  }
  return {
    systems: SYSTEM_KEYS.flatMap(key => {
      const [from, to] = [before.systems[key].lifecycle, after.systems[key].lifecycle]
      return from === to ? [] : [{ key, from, to }]
    }),
    partners,
    operations,
  }
}

function impactOnOperation(
  { key, name, systems, guarded, partners, timesAsked, lastAskedMs }: RecordedOperation,
  cohorts: ReadonlyMap<string, Cohort>,
): readonly ImpactOnOperation[] {
  const changesOf = perCohort(cohort =>
    // One field that is forbidden fails the operation whole.
    changesBetween(cohort, systems, standing => guarded.every(field => standing.holds(field))),
  )
  return CHANGES.flatMap(change => {
    const concerned: string[] = []
    const changing = new Set<SystemKey>()
    for (const bpnl of partners) {
      const such = changesOf(cohorts.get(bpnl)).filter(found => found.change === change)
      if (such.length > 0) concerned.push(bpnl)
      for (const { system } of such) changing.add(system)
    }
    if (concerned.length === 0) return []
    return {
      name,
      operation: key,
      systems: systems.filter(system => changing.has(system)),
      change,
      partners: concerned.sort().slice(0, MOST_PARTNERS),
      partnersInAll: concerned.length,
      timesAsked,
      lastAskedAt: new Date(lastAskedMs).toISOString(),
    }
  })
}

interface ChangeOfSystem {
  readonly system: SystemKey
  readonly change: Change
}

/** Asked once for each cohort; nothing changes for those who belong to none. */
function perCohort(find: (cohort: Cohort) => readonly ChangeOfSystem[]) {
  const known = new Map<Cohort, readonly ChangeOfSystem[]>()
  return (cohort: Cohort | undefined): readonly ChangeOfSystem[] => {
    if (cohort === undefined) return []
    const found = known.get(cohort) ?? find(cohort)
    known.set(cohort, found)
    return found
  }
}

/** The fields by which one comes to a system. One that requires nothing of its own is reached through one of these. */
function doorsTo(system: SystemKey, declarations: Declarations): readonly FieldDeclaration[] {
  return [...declarations.values()].filter(field => field.system === system && field.requirements.length > 0)
}

/** Of these systems, those that begin or cease to answer a cohort what it may ask. */
function changesBetween(
  { before, after }: Cohort,
  systems: readonly SystemKey[],
  mayAsk: (standing: Standing) => boolean,
): readonly ChangeOfSystem[] {
  const [might, may] = [mayAsk(before), mayAsk(after)]
  return systems.flatMap(system => {
    const [was, is] = [might && before.serves.has(system), may && after.serves.has(system)]
    if (was === is) return []
    return { system, change: was ? 'ANSWERED_TO_REFUSED' : 'REFUSED_TO_ANSWERED' } as const
  })
}

const nameOf = (state: RecoveryState, bpnl: string): string | undefined => state.partners.get(bpnl)?.entry.name

function byNameThenKey(a: RecordedOperation, b: RecordedOperation): number {
  return compare(a.name ?? '', b.name ?? '') || compare(a.key, b.key)
}

/** By code units: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
