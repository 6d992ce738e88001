import { ConfigError, formatProblem } from '../../model/operator-file.ts'
import type { PlacedText } from './manifest-entry.ts'
import { topLevelNames } from './top-level-names.ts'

/**
 * A map from ids to documents, `{ "<id>": "<text>" }`: what Relay's compiler writes with `persistConfig.file` (ids are MD5)
 * and GraphQL Code Generator's client preset as `persisted-documents.json` (SHA-1, SHA-256 or its own). Called by `manifest.ts`.
 */

/** `json` is the text that `value` was parsed from. Throws `ConfigError`. */
export function readDocumentMap(value: unknown, json: string, file: string): readonly PlacedText[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError([
      `${file}: is no manifest; must be Apollo's (format, version, operations) or a map from ids to documents`,
    ])
  const problems: string[] = []
  const placed = Object.entries(value).flatMap(([id, text]: [string, unknown]): readonly PlacedText[] => {
    if (typeof text === 'string') return [{ path: [id], id, text }]
    problems.push(formatProblem(file, { path: [id], text: 'is no document; must be the text of one' }))
    return []
  })
  problems.push(...repeated(json).map(id => formatProblem(file, { path: [id], text: 'stands there twice; must once' })))
  if (problems.length > 0) throw new ConfigError(problems)
  return placed
}

/** Of members with one name JSON's parser keeps the last alone, and which of them a client has is anybody's guess. */
function repeated(json: string): readonly string[] {
  const seen = new Set<string>()
  return topLevelNames(json).filter(name => seen.has(name) || !seen.add(name))
}
