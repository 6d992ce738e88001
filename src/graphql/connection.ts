import type { AnyRelation, Condition } from '../systems/connector.ts'
import type { RecordOf } from '../systems/record.ts'
import type { AccessOf, Grant, Row, RowOf, Value } from '../systems/relation.ts'
import type { FieldContext } from './context.ts'
import { cursorList } from './cursor.ts'
import type { ConnectionModel } from './models.ts'

/** A Relay connection over a relation, by keyset: what a list field's resolver calls with its filter as conditions. */
export interface ListArguments {
  readonly first: number
  readonly after?: string | null | undefined
  readonly filter?: unknown
}

export async function readConnection<R extends AnyRelation>(
  { reads }: FieldContext,
  relation: R,
  args: ListArguments,
  where: readonly Condition[],
  grant: Grant<AccessOf<R>>,
): Promise<ConnectionModel<RecordOf<R>>> {
  const cursors = cursorList(relation, args.filter)
  const after = args.after == null ? null : cursors.decode(args.after)
  const page = await reads.page(relation, { where, after, first: args.first }, grant)
  // A generic record is not seen to be a row with more members.
  const edges = page.records.map(node => ({ cursor: cursors.encode(node as unknown as Row), node }))
  return {
    id: relation.name,
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    provenance: page.provenance,
  }
}

/** A condition of a list: a column, how it compares, and the filter's value; null and undefined do not restrict. */
type Clause<R extends AnyRelation> =
  | readonly [
      column: keyof RowOf<R> & string,
      is: 'equal' | 'atLeast' | 'atMost' | 'holding',
      value: string | null | undefined,
    ]
  | readonly [column: keyof RowOf<R> & string, is: 'in', values: readonly Value[] | null | undefined]

export function conditions<R extends AnyRelation>(_relation: R, ...clauses: readonly Clause<R>[]): Condition[] {
  return clauses.flatMap((clause): Condition[] => {
    if (clause[2] == null) return []
    if (clause[1] === 'in') return [{ column: clause[0], is: 'in', values: clause[2] }]
    return [{ column: clause[0], is: clause[1], value: clause[2] }]
  })
}
