import { LRUCache } from 'lru-cache'
import type { TrustedDocumentsSettings, TrustMode } from '../config/trusted-documents-schema.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import type { Manifest } from './manifests/manifest-entry.ts'
import {
  bareId,
  type Catalogue,
  catalogueOf,
  type Inspection,
  type Shelf,
  type TrustedDocument,
} from './trusted-documents-catalogue.ts'

/**
 * The documents that each partner may ask, and what becomes of any other. Called for every operation, before its scopes
 * are looked at and whatever caches know of it. Nothing is excepted: no introspection, no subscription, no operator.
 */
export interface TrustedDocuments {
  /**
   * The document that the viewer asks by this id, its own partner's before those for all; null: there is none. `id` is that
   * of a manifest or the SHA-256 of the text, with the prefix `sha256:` or without.
   */
  textOf(id: string, viewer: Viewer): string | null
  /**
   * Throws `DOCUMENT_NOT_TRUSTED` where the viewer's partner may ask trusted documents only, and this is none. `documentId`
   * is the SHA-256 of the document's text, however it came: a trusted text that is sent in full is trusted.
   */
  assertTrusted(documentId: string, viewer: Viewer): void
  /** Each text once, to be planned and compiled ahead of its first use. */
  readonly documents: readonly TrustedDocument[]
}

export interface TrustedDocumentsOptions {
  readonly settings: Pick<TrustedDocumentsSettings, 'mode' | 'partners'>
  readonly manifests: readonly Manifest[]
  readonly inspect: Inspection
  readonly counters: Counters
  readonly log: Pick<Log, 'warn'>
}

/** Throws `ConfigError` where ids of the manifests contradict each other; a document that cannot be asked is reported. */
export function createTrustedDocuments(options: TrustedDocumentsOptions): TrustedDocuments {
  const { settings, manifests, inspect, counters, log } = options
  const catalogue = catalogueOf(manifests, inspect)
  for (const { file, id, reason } of catalogue.faults) {
    counters.count('unusable_trusted_documents')
    log.warn({ file, id, reason }, 'a trusted document cannot be asked, and is not trusted')
  }
  const { documents, forAll, forPartner } = catalogue
  const rules = rulesOf(settings, catalogue)
  const preset: Rule = { mode: settings.mode, own: null }
  const isOff = [preset, ...rules.values()].every(({ mode }) => mode === 'off')
  const audit = createAudit(log)
  const audited = counters.counter('untrusted_documents', { outcome: 'audited' })
  const refused = counters.counter('untrusted_documents', { outcome: 'refused' })

  function assertTrusted(documentId: string, { partner: { bpnl } }: Viewer): void {
    const { mode, own } = rules.get(bpnl) ?? preset
    if (mode === 'off' || forAll.documentIds.has(documentId) || own?.documentIds.has(documentId)) return
    if (mode === 'audit') {
      audited()
      audit(bpnl, documentId)
      return
    }
    refused()
    throw new GatewayError('DOCUMENT_NOT_TRUSTED', NOT_TRUSTED, { details: { documentId } })
  }

  return {
    documents,
    textOf(id, { partner: { bpnl } }) {
      const bare = bareId(id)
      return forPartner.get(bpnl)?.textById.get(bare) ?? forAll.textById.get(bare) ?? null
    },
    assertTrusted: isOff ? () => {} : assertTrusted,
  }
}

const NOT_TRUSTED =
  "Only documents that were registered for your partner's clients are answered, and this is none of them. " +
  'Ask a registered one, by its id or with exactly its text, or have this one registered.'

/** What holds for one partner. */
interface Rule {
  readonly mode: TrustMode
  /** What it may ask beside what is for all. */
  readonly own: Shelf | null
}

/** By BPNL, for those with a mode or a manifest of their own. */
function rulesOf(
  { mode, partners }: TrustedDocumentsOptions['settings'],
  { forPartner }: Catalogue,
): ReadonlyMap<string, Rule> {
  const modes = new Map(Object.entries(partners))
  const bpnls = new Set([...modes.keys(), ...forPartner.keys()])
  return new Map([...bpnls].map(bpnl => [bpnl, { mode: modes.get(bpnl) ?? mode, own: forPartner.get(bpnl) ?? null }]))
}

/** Partners whose documents are remembered as reported; the one that met the audit longest ago goes first. */
const MAX_PARTNERS = 1_000
/** Documents that are reported of one partner. Those who make up documents as they go would fill the log. */
const MAX_REPORTED = 50

/** Reports each document once of each partner. */
function createAudit(log: Pick<Log, 'warn'>) {
  const reported = new LRUCache<string, Set<string>>({ max: MAX_PARTNERS })
  return (partner: string, documentId: string): void => {
    const documents = reported.get(partner) ?? new Set()
    if (documents.size >= MAX_REPORTED || documents.has(documentId)) return
    documents.add(documentId)
    reported.set(partner, documents)
    log.warn({ partner, documentId }, 'a document that is not trusted was asked; with enforce it would be refused')
    if (documents.size === MAX_REPORTED)
      log.warn(
        { partner, documents: MAX_REPORTED },
        'further documents of this partner that are not trusted are only counted',
      )
  }
}
