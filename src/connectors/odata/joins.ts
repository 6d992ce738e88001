import type { Cell } from './edm.ts'
import { all, any, type Expression } from './expression.ts'
import { untrusted } from './failure.ts'
import { literalOf } from './literal.ts'
import type { Join, Mapping } from './mapping.ts'
import { chunksOf, pathOf } from './requests.ts'
import type { Assembled, Entity } from './row.ts'
import { entityOf, entityPages, type ServiceReader } from './service.ts'
import { fieldsOf, type Shape, type Shapes } from './shapes.ts'
import type { Reference } from './source.ts'
import { together } from './together.ts'

/**
 * Adds to the entities of a page or lookup what is joined to them: one further read per join for all of them together,
 * cut only where a URL would grow too long. Called by the readings.
 */
export interface JoinOptions extends ServiceReader {
  readonly maxUrlLength: number
  readonly concurrency: number
}

export async function withJoins(
  options: JoinOptions,
  mapping: Mapping,
  shapes: Shapes,
  joins: readonly Join[],
  own: readonly Entity[],
  signal: AbortSignal,
): Promise<readonly Assembled[]> {
  let assembled: readonly Assembled[] = own.map(entity => ({ own: entity, joined: new Map() }))
  for (const join of joins) {
    const shape = shapes.joined.get(join.name)
    if (shape === undefined) throw new TypeError(`the join ${join.name} has no shape`)
    const found = await read(options, mapping, join, shape, assembled, signal)
    assembled = assembled.map(row => {
      const rows = keysOf(join, row).flatMap(key => found.get(textOf(key)) ?? [])
      if (!join.many && rows.length > 1)
        throw untrusted(
          options.system,
          `the join ${join.name} has more than one row for a row of ${mapping.relation.name}`,
        )
      return { own: row.own, joined: new Map(row.joined).set(join.name, rows) }
    })
  }
  return assembled
}

type Key = readonly Cell[]

async function read(
  options: JoinOptions,
  mapping: Mapping,
  join: Join,
  shape: Shape,
  assembled: readonly Assembled[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Entity[]>> {
  const keys = new Map(assembled.flatMap(row => keysOf(join, row)).map(key => [textOf(key), key] as const))
  const conditions = [...keys.values()]
    .map(key => conditionOf(options, join, shape, key))
    .filter(condition => condition !== false)
  const fields = fieldsOf(mapping, join.name)
  const query = {
    select: fields,
    where: join.where,
    order: shape.key.map(field => `${field} asc`).join(','),
    top: null,
  }
  const bare = pathOf(options.version, join.entitySet, { ...query, filter: '()' }) ?? ''
  const room = options.maxUrlLength - options.client.urlOf(join.service, bare).length
  const chunks = await together(chunksOf(conditions, room), options.concurrency, signal, async (chunk, signal) => {
    const path = pathOf(options.version, join.entitySet, { ...query, filter: any(chunk) })
    const entities: Entity[] = []
    if (path !== null)
      for await (const page of entityPages(options, join.service, path, null, signal))
        entities.push(...page.map(raw => entityOf(options.system, raw, fields, shape)))
    return entities
  })
  return Map.groupBy(chunks.flat(), entity => textOf(join.on.map(([field]) => entity[field] ?? null)))
}

function conditionOf({ version }: JoinOptions, join: Join, shape: Shape, key: Key): Expression {
  return all(
    join.on.map(([field], index) => {
      const property = shape.property(field)
      if (property === undefined) throw new Error(`the entity set ${join.entitySet} has no field ${field}`)
      const literal = literalOf(version, property, key[index] ?? null)
      return literal !== null && `${field} eq ${literal}`
    }),
  )
}

/** What the joined fields must equal: once, or once for each row of the join that it hangs on. Nothing equals a null. */
function keysOf({ on }: Join, { own, joined }: Assembled): readonly Key[] {
  const hub = on.flatMap(([, ours]) => ours).find(({ many }) => many)?.join
  const rows = hub == null ? [{}] : (joined.get(hub) ?? [])
  const cellOf = (row: Entity, { join, many, field }: Reference): Cell =>
    (many ? row : join === null ? own : joined.get(join)?.[0])?.[field] ?? null
  return rows
    .map(row =>
      on.map(([, ours]) => {
        const cells = ours.map(reference => cellOf(row, reference))
        return cells.some(cell => cell === null || cell === '')
          ? null
          : cells.length === 1
            ? (cells[0] ?? null)
            : cells.join('')
      }),
    )
    .filter(key => !key.includes(null))
}

function textOf(key: Key): string {
  return JSON.stringify(key)
}
