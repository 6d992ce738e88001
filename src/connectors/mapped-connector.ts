import type { AnyRelation, Connector, LookupQuery, PageQuery } from '../systems/connector.ts'

/**
 * A connector with the mapping that a site configured: what the proof at boot and the people who write the mapping look
 * at. Implemented by every connector; the systems know no more of it than `Connector`.
 */
export interface MappedConnector extends Connector {
  /** Each of the relations, in their order. Rejects where the source cannot be asked at all. */
  inspect(relations: readonly AnyRelation[], signal: AbortSignal): Promise<readonly Inspection[]>
  /**
   * Shows that nothing can be written, and resolves with how, such as `a write was refused (SQLSTATE 25006)`. Throws
   * `WriteAccepted` where the source took a write, another error where it cannot be shown.
   */
  proveReadOnly(signal: AbortSignal): Promise<string>
  /** What would be sent for a read, in the source's words, a text per statement or request; nothing is sent. */
  explain(relation: AnyRelation, read: Read): readonly string[]
  /**
   * Waits until what must be loaded before the first read is loaded or refused. A connector that loads nothing has none.
   * `progress` is told every few seconds how far it is, such as `1,200,000 rows are loaded`.
   */
  readonly whenLoaded?: (signal: AbortSignal, progress: (text: string) => void) => Promise<void>
}

export interface Inspection {
  readonly relation: string
  /** Where its rows come from, on one line: a table, the beginning of a SELECT, an entity set, a file pattern. */
  readonly source: string
  /** It has no pages and no totals, and cannot have them: a function that is asked by key. */
  readonly lookupsOnly: boolean
  /** One line each, such as `column unit: expected varchar(3), found integer`; empty: all is as the relation says. */
  readonly problems: readonly string[]
  /** What was not looked at and why, one line each: nothing is known to be wrong. Left out: nothing. */
  readonly notes?: readonly string[]
}

export type Read =
  | { readonly kind: 'lookup'; readonly query: LookupQuery }
  | { readonly kind: 'page'; readonly query: PageQuery }

/** The proof at boot: the port's `probe`, from its parts. Throws one error that names every relation and column. */
export async function probeMapped(
  { inspect, proveReadOnly }: Pick<MappedConnector, 'inspect' | 'proveReadOnly'>,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<void> {
  const inspections = await inspect(relations, signal)
  const problems = inspections.flatMap(({ relation, problems }) =>
    problems.map(text => `relation ${relation}, ${text}`),
  )
  if (problems.length > 0) throw new Error(`the source does not have the relations as declared: ${problems.join('; ')}`)
  await proveReadOnly(signal)
}
