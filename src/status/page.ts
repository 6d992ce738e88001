import { keyOf } from '../model/key.ts'

/** The page that public documents speak of, and the ids of what stands on it: opaque, and the same as long as its address is. */
export interface Page {
  /** Absolute, without a slash at its end. */
  readonly url: string
  /** Its name, and that of whoever publishes it. */
  readonly name: string
}

/** 12 letters and digits, as Statuspage's own ids are. */
export function pageId({ url }: Page, ...parts: readonly string[]): string {
  const bits = BigInt(`0x${Buffer.from(keyOf(url, ...parts), 'base64url').toString('hex', 0, 16)}`)
  return (bits % SPACE).toString(36).padStart(ID_LENGTH, '0')
}

const ID_LENGTH = 12
const SPACE = 36n ** BigInt(ID_LENGTH)

/** The same as a URN (RFC 9562 §5.8), for documents whose ids are IRIs. */
export function pageUrn({ url }: Page, ...parts: readonly string[]): string {
  const bytes = Buffer.from(keyOf(url, ...parts), 'base64url').subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return `urn:uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
}
