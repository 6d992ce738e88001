import type { FilePath } from '../../model/operator-file.ts'

/** What a manifest holds, whatever its format. Made by the parsers of the formats; it is checked by `manifest.ts`. */

/** A document under the id that clients ask it by. */
export interface ManifestEntry {
  /** As written, such as an MD5 or a SHA-256. */
  readonly id: string
  /** The document, exactly as written. */
  readonly text: string
  /** Where in its file it stands, such as `operations[3]`. */
  readonly place: string
}

/** The same before it is checked. */
export interface PlacedText extends Omit<ManifestEntry, 'place'> {
  readonly path: FilePath
}

/** A manifest with whom it is for. */
export interface Manifest {
  readonly file: string
  /** BPNL; null: for all. */
  readonly partners: readonly string[] | null
  readonly entries: readonly ManifestEntry[]
}
