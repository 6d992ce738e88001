import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

/**
 * Makes content codings of finished bodies, on the threads of the runtime, never on the one that serves. Made by the
 * response cache, called by finished answers that are asked for again. It never lets bodies wait in line.
 */
export interface Compressor {
  /** Whether a coding of a body of so many bytes could pay at all. */
  pays(bytes: number): boolean
  /**
   * Null: busy, ask again later. Resolves with the coded bytes, in memory of their own, or with null where they would
   * not save a tenth of the body or cannot be made: asking again is of no use then. Never rejects.
   */
  compress(coding: ContentCoding, body: Buffer): Promise<Buffer | null> | null
}

/** Content codings that answers are kept in, the preferred one first (RFC 9110 §8.4.1, RFC 7932). */
export const CONTENT_CODINGS = ['br', 'gzip'] as const
export type ContentCoding = (typeof CONTENT_CODINGS)[number]

/** A packet of 1,500 bytes less its headers and those of TLS: what fits into one comes no sooner for being shorter. */
const PACKET_BYTES = 1_400
/** The most that a coding may take of its body, which is sent and kept beside it. */
const WORTHWHILE = 0.9

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

/** At levels for a body that is coded once and lives for seconds. */
const CODERS: Readonly<Record<ContentCoding, (body: Buffer, maxOutputLength: number) => Promise<Buffer>>> = {
  br: (body, maxOutputLength) =>
    brotli(body, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: 4, [zlib.BROTLI_PARAM_SIZE_HINT]: body.length },
      maxOutputLength,
    }),
  gzip: (body, maxOutputLength) => gzipped(body, { level: 6, maxOutputLength }),
}

/** @param maxAtOnce codings that are made at a time, each of which takes from a core what the server could use */
export function createCompressor(maxAtOnce = 1): Compressor {
  let underWay = 0

  async function code(coding: ContentCoding, body: Buffer): Promise<Buffer | null> {
    try {
      return alone(await CODERS[coding](body, Math.floor(body.length * WORTHWHILE)))
    } catch {
      // Given up as it grew too long, or for want of memory: the body itself can always be sent.
      return null
    } finally {
      underWay -= 1
    }
  }

  return {
    pays: bytes => bytes > PACKET_BYTES,
    compress(coding, body) {
      if (underWay >= maxAtOnce) return null
      underWay += 1
      return code(coding, body)
    },
  }
}

/** What zlib gives is a view of a block of 64 kB, all of which would be held for as long as the view is kept. */
function alone(view: Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(view.length)
  view.copy(bytes)
  return bytes
}
