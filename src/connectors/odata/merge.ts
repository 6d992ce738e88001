import type { Compare } from '../ordering.ts'
import { untrusted } from './failure.ts'
import type { Dialect } from './filter.ts'
import { entityOrder } from './keyset.ts'
import type { ReadingOptions } from './reading.ts'
import type { Entity } from './row.ts'

/**
 * Puts the answers to one read together that was asked for in several requests, because its conditions do not fit in one
 * URL. Called by the pages.
 */
export interface Merged {
  /** In the order of the pages, each once; what could stand before one that was not given yet is left out. */
  readonly entities: readonly Entity[]
  /** There is no more to be read. */
  readonly isWhole: boolean
}

/** Each answer has no more than `top` entities, and all there are where it has fewer. */
export function merged(
  options: Pick<ReadingOptions, 'system'>,
  dialect: Dialect,
  answers: readonly (readonly Entity[])[],
  top: number,
): Merged {
  const cut = answers.filter(entities => entities.length >= top)
  const [only = []] = answers
  if (answers.length < 2) return { entities: only, isWhole: cut.length === 0 }
  const compare = entityOrder(dialect)
  for (const entities of answers) refuseDisorder(options, dialect, entities, compare)
  const [firstEnd] = cut.flatMap(entities => entities.slice(-1)).sort(compare)
  const all = answers
    .flatMap(entities => [...entities])
    .filter(entity => firstEnd === undefined || compare(entity, firstEnd) <= 0)
    .sort(compare)
  // The order is total: what stands equal in two answers is one row, with two owners that were asked for apart.
  const entities = all.filter((entity, index) => index === 0 || compare(all[index - 1] ?? entity, entity) !== 0)
  return { entities, isWhole: firstEnd === undefined }
}

/** Answers that are sorted otherwise than they are put together would lose rows. */
function refuseDisorder(
  { system }: Pick<ReadingOptions, 'system'>,
  { mapping }: Dialect,
  entities: readonly Entity[],
  compare: Compare<Entity>,
): void {
  for (const [index, entity] of entities.entries()) {
    const before = entities[index - 1]
    const difference = before === undefined ? -1 : compare(before, entity)
    if (difference === 0) throw untrusted(system, `relation ${mapping.relation.name} has two rows with one key`)
    if (difference > 0)
      throw untrusted(
        system,
        `relation ${mapping.relation.name}: the service does not sort by code point, which it must where the conditions do not fit in one URL; a greater maxUrlLength may help`,
      )
  }
}
