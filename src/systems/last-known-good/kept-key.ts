import { canonicalJson, keyOf } from '../../model/key.ts'
import type { RowFilter } from '../connector.ts'
import type { Value } from '../relation.ts'
import type { KeptLookup, KeptPage } from './last-known-good.ts'

/**
 * The keys of last-known-good: one pure, total function of everything that decides what a read shows. `generation` names the
 * code, schema, mappings and sites that it was read with. What was read under one filter of rows is found under no other.
 */

/** What makes the key of each key of a look-up. */
export function recordsKeys(
  generation: string,
  { relation, columns, visible }: KeptLookup,
): (key: readonly Value[]) => string {
  const { system, name } = relation
  const lookup = keyOf('records', generation, system, name, canonicalJson(columns), filterText(visible))
  return key => keyOf('record', lookup, canonicalJson(key))
}

/** Null: a page that is not the first is not kept. */
export function pageKey(generation: string, { relation, request, visible }: KeptPage): string | null {
  const { where, after, first } = request
  if (after !== null) return null
  const { system, name } = relation
  return keyOf('page', generation, system, name, canonicalJson(where), String(first), filterText(visible))
}

/** Sites show the same rows in whatever order they are named. */
function filterText(visible: RowFilter): string {
  if (visible.kind !== 'within') return canonicalJson(visible)
  return canonicalJson({ ...visible, values: [...new Set(visible.values)].sort() })
}
