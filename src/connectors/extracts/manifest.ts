import { z } from 'zod'
import { EXTRACT_FORMATS, type ExtractFormat } from '../../config/extracts-schema.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { isNamed, type RelationMapping } from './mapping.ts'

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
      relation: z.string().optional(),
      file: plainName,
      format: z.enum(EXTRACT_FORMATS).optional(),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 digest in hexadecimal')
        .transform(digest => digest.toLowerCase()),
      rows: z.int().min(0),
    }),
  ),
})

type Entry = z.infer<typeof manifestSchema>['files'][number]

export interface ManifestFile {
  readonly relation: string
  readonly file: string
  readonly format: ExtractFormat
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly rows: number
}

export interface Manifest {
  /** RFC 3339 in UTC with milliseconds. */
  readonly asOf: string
  readonly files: readonly ManifestFile[]
}

export type Mappings = ReadonlyMap<AnyRelation, RelationMapping>

/** Parses a manifest that covers the relations, each with at least one file; throws one `Error` that names the place. */
export function parseManifest(text: string, mappings: Mappings): Manifest {
  const { data, error } = manifestSchema.safeParse(parsedJson(text))
  if (error) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`)
    throw new Error(`${MANIFEST}: ${problems.join('; ')}`)
  }
  const known = [...mappings.keys()].map(({ name }) => name)
  const unknown = data.files.flatMap(({ relation }) =>
    relation === undefined || known.includes(relation) ? [] : relation,
  )
  if (unknown.length > 0) throw new Error(`${MANIFEST}: no such relation: ${unknown.join(', ')}`)
  const files = data.files.map(entry => fileOf(entry, mappings))
  const missing = known.filter(name => !files.some(({ relation }) => relation === name))
  if (missing.length > 0) throw new Error(`${MANIFEST}: no file for the relation: ${missing.join(', ')}`)
  if (new Set(files.map(({ file }) => file)).size < files.length) throw new Error(`${MANIFEST}: a file is listed twice`)
  return { asOf: data.asOf, files }
}

/** What the entry leaves out the configuration says, by the file's name; where both say something, they must agree. */
function fileOf({ relation: named, file, format, sha256, rows }: Entry, mappings: Mappings): ManifestFile {
  const takers = [...mappings].filter(([{ name }, { pattern }]) =>
    named === undefined ? pattern !== null && isNamed(file, pattern) : name === named,
  )
  const [taker, ...others] = takers
  if (taker === undefined) throw new Error(`${MANIFEST}: ${file}: no relation takes a file of this name`)
  if (others.length > 0)
    throw new Error(`${MANIFEST}: ${file}: several relations take it: ${takers.map(([{ name }]) => name).join(', ')}`)
  const [{ name: relation }, mapping] = taker
  if (mapping.pattern !== null && !isNamed(file, mapping.pattern))
    throw new Error(`${MANIFEST}: ${file}: ${relation} is configured to be in files ${mapping.pattern}`)
  if (format !== undefined && mapping.format !== null && format !== mapping.format)
    throw new Error(`${MANIFEST}: ${file}: is ${format}, ${relation} is configured to be ${mapping.format}`)
  const known = format ?? mapping.format ?? formatOf(file)
  if (known === null) throw new Error(`${MANIFEST}: ${file}: nothing says its format, csv or jsonl`)
  return { relation, file, format: known, sha256, rows }
}

function formatOf(file: string): ExtractFormat | null {
  return EXTRACT_FORMATS.find(format => file.toLowerCase().endsWith(`.${format}`)) ?? null
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${MANIFEST}: not JSON`, { cause })
  }
}
