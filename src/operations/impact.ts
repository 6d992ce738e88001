import type { PartnerEntry } from '../model/partner-entry.ts'
import { SYSTEM_KEYS, type SystemKey, type SystemLifecycle } from '../model/system.ts'
import { isServed } from '../recovery/lifecycle/served.ts'
import type { RecoveryState } from '../recovery/state.ts'
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
  /** BPNL of the partners that asked it and are concerned. */
  readonly partners: readonly string[]
  readonly timesAsked: number
  readonly lastAskedAt: string
}

export interface ImpactBasis {
  readonly declarations: Declarations
  readonly recorded: Pick<RecordedOperations, 'list'>
}

/** Equal for equal input, whatever the order in which partners registered and operations were asked. */
export function impactOf(before: RecoveryState, after: RecoveryState, basis: ImpactBasis): Impact {
  const bpnls = [...new Set([...before.partners.keys(), ...after.partners.keys()])].sort()
  const doorsOf = new Map(SYSTEM_KEYS.map(system => [system, doorsTo(system, basis.declarations)]))

  const partners = bpnls.flatMap(bpnl =>
    SYSTEM_KEYS.flatMap(system => {
      const change = changeBetween(before, after, state => {
        const entry = servedPartner(state, bpnl, system)
        return entry !== null && (doorsOf.get(system) ?? []).some(door => isOpenTo(entry, door))
      })
      return change === null
        ? []
        : [{ bpnl, name: nameOf(after, bpnl) ?? nameOf(before, bpnl) ?? bpnl, system, change }]
    }),
  )
  return {
    systems: SYSTEM_KEYS.flatMap(key => {
      const [from, to] = [before.systems[key].lifecycle, after.systems[key].lifecycle]
      return from === to ? [] : [{ key, from, to }]
    }),
    partners,
    operations: basis.recorded
      .list()
      .toSorted(byNameThenKey)
      .flatMap(operation => impactOnOperation(before, after, operation)),
  }
}

function impactOnOperation(
  before: RecoveryState,
  after: RecoveryState,
  { key, name, systems, guarded, partners, timesAsked, lastAskedMs }: RecordedOperation,
): readonly ImpactOnOperation[] {
  const changes = [...partners].sort().flatMap(bpnl =>
    systems.map(system => {
      const change = changeBetween(before, after, state => {
        const entry = servedPartner(state, bpnl, system)
        // One field that is forbidden fails the operation whole.
        return entry !== null && guarded.every(field => isOpenTo(entry, field))
      })
      return { bpnl, system, change }
    }),
  )
  return CHANGES.flatMap(change => {
    const such = changes.filter(found => found.change === change)
    if (such.length === 0) return []
    return {
      name,
      operation: key,
      systems: systems.filter(system => such.some(found => found.system === system)),
      change,
      partners: [...new Set(such.map(found => found.bpnl))],
      timesAsked,
      lastAskedAt: new Date(lastAskedMs).toISOString(),
    }
  })
}

/** The fields by which one comes to a system. One that requires nothing of its own is reached through one of these. */
function doorsTo(system: SystemKey, declarations: Declarations): readonly FieldDeclaration[] {
  return [...declarations.values()].filter(field => field.system === system && field.requirements.length > 0)
}

function isOpenTo({ scopes }: PartnerEntry, { requirements }: FieldDeclaration): boolean {
  return requirements.every(requirement =>
    requirement.some(alternative => alternative.every(scope => scopes.includes(scope))),
  )
}

/** The partner as registered, if it may ask at all and the system answers its wave. */
function servedPartner(state: RecoveryState, bpnl: string, system: SystemKey): PartnerEntry | null {
  const entry = state.partners.get(bpnl)?.entry
  return entry !== undefined && !entry.disabled && isServed(state.systems[system], entry.wave) ? entry : null
}

function changeBetween<S>(before: S, after: S, isAnswered: (state: S) => boolean): Change | null {
  const [was, is] = [isAnswered(before), isAnswered(after)]
  if (was === is) return null
  return was ? 'ANSWERED_TO_REFUSED' : 'REFUSED_TO_ANSWERED'
}

const nameOf = (state: RecoveryState, bpnl: string): string | undefined => state.partners.get(bpnl)?.entry.name

function byNameThenKey(a: RecordedOperation, b: RecordedOperation): number {
  return compare(a.name ?? '', b.name ?? '') || compare(a.key, b.key)
}

/** By code units: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
