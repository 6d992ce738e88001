import type { ExtractFormat, ExtractsSettings } from '../../config/extracts-schema.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'

/**
 * Where the rows of a relation come from in a drop: which files, and what its columns are called there. Called by
 * `connector.ts`; plain data, so that it can be handed to the thread that loads.
 */
export interface RelationMapping {
  /** Pattern of the names of its files; null: those that the manifest says are its own. */
  readonly pattern: string | null
  readonly format: ExtractFormat | null
  readonly delimiter: string
  /** Names in the files by column name, for those that differ. */
  readonly columns: Readonly<Record<string, string>>
}

export type RelationSettings = NonNullable<ExtractsSettings['relations']>[string]

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const

export function mappingOf(settings: RelationSettings | undefined): RelationMapping {
  return {
    pattern: settings?.files ?? null,
    format: settings?.format ?? null,
    delimiter: DELIMITERS[settings?.delimiter ?? 'comma'],
    columns: settings?.columns ?? {},
  }
}

/** What cannot be right about a mapping, whatever the files are; a line each. */
export function mappingProblems(relation: AnyRelation, { columns }: RelationMapping): readonly string[] {
  const known = Object.keys(relation.columns).map(columnName)
  return Object.keys(columns)
    .filter(name => !known.includes(name))
    .map(name => `column ${name}: the relation has no such column, but ${known.join(', ')}`)
}

/**
 * Whether a name is of the pattern, in which `*` stands for any characters and `?` for one. Goes back to the last `*` only,
 * so that no pattern takes longer than the two lengths multiplied.
 */
export function isNamed(text: string, pattern: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0]
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next
      resume = at
      next += 1
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      at += 1
      next += 1
    } else if (star >= 0) {
      resume += 1
      at = resume
      next = star + 1
    } else return false
  }
  return /^\**$/.test(pattern.slice(next))
}

/** For people: the files that a relation is read from. */
export function sourceOf(relation: AnyRelation, { pattern, columns }: RelationMapping): string {
  const files = pattern === null ? `the files of ${relation.name} in the manifest` : `files ${pattern}`
  const renamed = Object.entries(columns).map(([ours, theirs]) => `${ours} from ${theirs}`)
  return renamed.length > 0 ? `${files} (${renamed.join(', ')})` : files
}
