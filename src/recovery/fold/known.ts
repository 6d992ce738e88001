import type { SystemKey } from '../../model/system.ts'

/** What is known beside the state. */
export interface Known {
  isKnownSite(bpns: string): boolean
  /** The columns of a relation that can be summed; null: the system has no such relation. */
  columnsOf(system: SystemKey, relation: string): readonly string[] | null
  /** The systems that a key may speak of; null: all. */
  systemsOf(keyId: string): readonly SystemKey[] | null
}
