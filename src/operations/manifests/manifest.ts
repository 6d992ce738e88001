import { ConfigError, formatPath, formatProblem, type Problem } from '../../model/operator-file.ts'
import { isApolloManifest, readApolloManifest } from './apollo-manifest.ts'
import { readDocumentMap } from './document-map.ts'
import type { ManifestEntry, PlacedText } from './manifest-entry.ts'

/**
 * From a manifest's text to its entries. Called by `read-manifests.ts`; the formats stand beside it and are told apart by
 * what is in the file. It reads no file, and says nothing of whether a document is GraphQL.
 */

/** Most documents of one manifest: each is planned and compiled at the start, and kept. */
const MAX_DOCUMENTS = 10_000
const MAX_ID_LENGTH = 200
/** Graphic characters of a line: ids are sent in URLs and written to logs. */
const ID = /^[^\p{C}\p{Z}]+$/u

/**
 * The entries of a manifest: Apollo's, or a map from ids to texts, as Relay's compiler and GraphQL Code Generator's client
 * preset write it. Throws `ConfigError` with every problem: file, entry, what is wrong, what is allowed.
 */
export function parseManifest(text: string, file: string): readonly ManifestEntry[] {
  const value = parseJson(text, file)
  const placed = isApolloManifest(value) ? readApolloManifest(value, file) : readDocumentMap(value, text, file)
  const problems = [...problemsOfAll(placed), ...placed.flatMap(problemsOf)]
  if (problems.length > 0) throw new ConfigError(problems.map(problem => formatProblem(file, problem)))
  return placed.map(({ path, id, text }) => ({ place: formatPath(path), id, text }))
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The parser's own message repeats the text around the place.
    throw new ConfigError([`${file}: is not JSON; generate the manifest again`], { cause })
  }
}

function problemsOfAll({ length }: readonly PlacedText[]): readonly Problem[] {
  if (length === 0) return [{ path: [], text: 'has no document; generate the manifest again, or leave it out' }]
  if (length <= MAX_DOCUMENTS) return []
  return [{ path: [], text: `has ${length} documents; must have at most ${MAX_DOCUMENTS}: split it by partner` }]
}

function problemsOf({ path, id, text }: PlacedText): readonly Problem[] {
  if (id.length > MAX_ID_LENGTH || !ID.test(id))
    return [{ path, text: `its id must be 1 to ${MAX_ID_LENGTH} characters without spaces and control characters` }]
  return text.trim() === '' ? [{ path, text: 'its document is empty; must be the text of a GraphQL document' }] : []
}
