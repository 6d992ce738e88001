import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { Manifest, ManifestEntry } from './manifests/manifest-entry.ts'
import { documentIdOf } from './planner.ts'

/**
 * All manifests as one catalogue: what everybody may ask, and what single partners may. Called by `trusted-documents.ts`
 * and by the command that checks a configuration. What cannot be asked is not in it, and told as a fault.
 */
export interface Catalogue {
  readonly forAll: Shelf
  /** By BPNL, what is theirs beside it. */
  readonly forPartner: ReadonlyMap<string, Shelf>
  readonly documents: readonly TrustedDocument[]
  readonly faults: readonly DocumentFault[]
}

/** What some may ask. */
export interface Shelf {
  /** Texts by the ids of their manifests and by their SHA-256, all without the prefix `sha256:`. */
  readonly textById: ReadonlyMap<string, string>
  /** The SHA-256 of each text. An id of a manifest, which may look like one, is none. */
  readonly documentIds: ReadonlySet<string>
}

/** A text that may be asked, once, however many manifests have it. */
export interface TrustedDocument {
  /** SHA-256 of the text in UTF-8, in lower-case hexadecimal. */
  readonly documentId: string
  readonly text: string
  /** Null: one without a name. */
  readonly operationNames: readonly (string | null)[]
  readonly sources: readonly DocumentSource[]
}

export interface DocumentSource {
  readonly file: string
  /** As the manifest has it. */
  readonly id: string
  /** BPNL of those whom it is for; null: for all. */
  readonly partners: readonly string[] | null
}

/** An entry that cannot be asked, such as one that the schema has outgrown. */
export interface DocumentFault extends DocumentSource {
  readonly reason: string
}

/** The names of a document's operations; throws where it cannot be asked. */
export type Inspection = (text: string) => readonly (string | null)[]

/** Throws `ConfigError` where an id does not name its text, or names two to the same partner. */
export function catalogueOf(manifests: readonly Manifest[], inspect: Inspection): Catalogue {
  assertIdsName(manifests)
  const inspected = new Map<string, TrustedDocument & { readonly sources: DocumentSource[] }>()
  const refused = new Map<string, string>()
  const faults: DocumentFault[] = []
  const forAll = createShelf()
  const forPartner = new Map<string, ReturnType<typeof createShelf>>()

  function shelvesOf(partners: Manifest['partners']) {
    if (partners === null) return [forAll]
    return partners.map(bpnl => {
      const shelf = forPartner.get(bpnl) ?? createShelf()
      forPartner.set(bpnl, shelf)
      return shelf
    })
  }

  function documentOf(text: string) {
    const documentId = documentIdOf(text)
    const known = inspected.get(documentId)
    if (known !== undefined || refused.has(documentId)) return { documentId, document: known }
    try {
      const document = { documentId, text, operationNames: inspect(text), sources: [] }
      inspected.set(documentId, document)
      return { documentId, document }
    } catch (thrown) {
      refused.set(documentId, ensureError(thrown).message)
      return { documentId, document: undefined }
    }
  }

  for (const { file, partners, entries } of manifests) {
    const shelves = shelvesOf(partners)
    for (const { id, text } of entries) {
      const { documentId, document } = documentOf(text)
      if (document === undefined) faults.push({ file, id, partners, reason: refused.get(documentId) ?? '' })
      else {
        document.sources.push({ file, id, partners })
        for (const shelf of shelves) shelf.add(bareId(id), document)
      }
    }
  }
  return { forAll, forPartner, documents: [...inspected.values()], faults }
}

const PREFIX = 'sha256:'

/** Without the prefix that GraphQL over HTTP has for ids that are the SHA-256 of their text (its appendix A). */
export function bareId(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id
}

function createShelf() {
  const textById = new Map<string, string>()
  const documentIds = new Set<string>()
  return {
    textById,
    documentIds,
    add(id: string, { documentId, text }: TrustedDocument): void {
      textById.set(id, text)
      textById.set(documentId, text)
      documentIds.add(documentId)
    },
  }
}

/** To each reader an id names one text, and no text is named like another's SHA-256. */
function assertIdsName(manifests: readonly Manifest[]): void {
  const readers = new Map<string, Map<string, { readonly text: string; readonly at: string }>>()
  const problems = new Set<string>()

  function name(reader: string, id: string, { text }: ManifestEntry, at: string): void {
    const named = readers.get(reader) ?? new Map<string, { readonly text: string; readonly at: string }>()
    readers.set(reader, named)
    const earlier = named.get(id)
    if (earlier === undefined) named.set(id, { text, at })
    else if (earlier.text !== text)
      problems.add(`${at}: its id names another document at ${earlier.at}; give each an id of its own`)
  }

  for (const { file, partners, entries } of manifests) {
    for (const entry of entries) {
      const at = `${file}: ${entry.place}`
      const documentId = documentIdOf(entry.text)
      if (entry.id.startsWith(PREFIX) && bareId(entry.id) !== documentId)
        problems.add(
          `${at}: its id is not the SHA-256 of its document, as the prefix says; generate the manifest again`,
        )
      for (const reader of partners ?? [EVERYBODY])
        for (const id of new Set([bareId(entry.id), documentId])) name(reader, id, entry, at)
    }
  }
  // What all may ask by its SHA-256, no partner's manifest may give another meaning.
  const common = readers.get(EVERYBODY) ?? new Map<string, { readonly text: string; readonly at: string }>()
  for (const [reader, named] of readers)
    for (const [id, { text, at }] of reader === EVERYBODY ? [] : named) {
      const shared = common.get(id)
      if (shared !== undefined && shared.text !== text && id === documentIdOf(shared.text))
        problems.add(`${at}: its id is the SHA-256 of another document, at ${shared.at}; give it an id of its own`)
    }
  if (problems.size > 0) throw new ConfigError([...problems])
}

/** No partner has this number. */
const EVERYBODY = ''
