import type { AnyRelation } from '../../systems/connector.ts'

/**
 * Where the rows of each relation come from: a SELECT that the site wrote, or a table or view of one schema. Everything
 * that is asked of a relation is laid around this. Called by `connector.ts` and `inspection.ts`; nothing here runs a statement.
 */
export interface PostgresMapping {
  /** Holds the tables and views of what has no SELECT; null: every relation that is read has one. */
  readonly schema: string | null
  /** A SELECT of one timestamptz, the time the data is as of; null: `as_of` of the table `freshness` in the schema. */
  readonly freshness: string | null
  /** By the relation's name. */
  readonly relations: Readonly<Record<string, { readonly select: string }>>
}

export interface Source {
  /** As it stands after FROM. */
  readonly from: string
  /** The site's own SELECT; null: a table or view. */
  readonly select: string | null
  /** On one line, for people. */
  readonly summary: string
}

/** Null: the mapping says nothing of the relation. */
export function sourceOf({ schema, relations }: PostgresMapping, { name }: AnyRelation): Source | null {
  const select = Object.hasOwn(relations, name) ? relations[name]?.select : undefined
  if (select !== undefined) return selected(select)
  return schema === null ? null : table(schema, name)
}

/** Null: the mapping says nothing of the time. */
export function freshnessSource({ schema, freshness }: PostgresMapping): Source | null {
  if (freshness !== null) return selected(freshness)
  return schema === null ? null : table(schema, 'freshness')
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const MAX_SUMMARY = 80

/** The line break ends a comment in the SELECT's last line, which would swallow the parenthesis. */
function selected(select: string): Source {
  const line = select.trim().replace(/\s+/g, ' ')
  const summary = line.length > MAX_SUMMARY ? `${line.slice(0, MAX_SUMMARY - 1)}…` : line
  return { from: `(\n${select}\n)`, select, summary }
}

function table(schema: string, name: string): Source {
  const from = `${identifier(schema)}.${identifier(name)}`
  return { from, select: null, summary: from }
}
