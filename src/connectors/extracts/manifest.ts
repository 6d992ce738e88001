import { z } from 'zod'
import type { AnyRelation } from '../../systems/connector.ts'

/**
 * The manifest of a drop of extracts: which files it consists of, what they must be, and as of when. Read first, so
 * that nothing is believed of a file that the manifest does not say of it.
 */
export const MANIFEST = 'manifest.json'

/** A file in the directory itself: no separators, and nothing hidden. */
const plainName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'must be a plain file name within the directory')

const manifestSchema = z.strictObject({
  asOf: z.iso.datetime({ offset: true }).transform(value => new Date(value).toISOString()),
  files: z.array(
    z.strictObject({
      relation: z.string(),
      file: plainName,
      format: z.enum(['csv', 'jsonl']),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 digest in hexadecimal')
        .transform(digest => digest.toLowerCase()),
      rows: z.int().min(0),
    }),
  ),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestFile = Manifest['files'][number]

/** Parses a manifest that covers the relations, each with at least one file; throws one `Error` that names the place. */
export function parseManifest(text: string, relations: readonly AnyRelation[]): Manifest {
  const { data, error } = manifestSchema.safeParse(parsedJson(text))
  if (error) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`)
    throw new Error(`${MANIFEST}: ${problems.join('; ')}`)
  }
  const known = relations.map(({ name }) => name)
  const listed = data.files.map(({ relation }) => relation)
  const unknown = listed.filter(name => !known.includes(name))
  const missing = known.filter(name => !listed.includes(name))
  if (unknown.length > 0) throw new Error(`${MANIFEST}: no such relation: ${unknown.join(', ')}`)
  if (missing.length > 0) throw new Error(`${MANIFEST}: no file for the relation: ${missing.join(', ')}`)
  if (new Set(data.files.map(({ file }) => file)).size < data.files.length)
    throw new Error(`${MANIFEST}: a file is listed twice`)
  return data
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${MANIFEST}: not JSON`, { cause })
  }
}
