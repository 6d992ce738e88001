import { hash } from 'node:crypto'
import type { Compressor, ContentCoding } from './content-coding.ts'

export { CONTENT_CODINGS, type ContentCoding } from './content-coding.ts'

/**
 * A whole answer as bytes, finished: what the response cache keeps and the edge sends. It holds nothing of one request,
 * so everybody of the same partition may have the same bytes. Immutable, but for encodings that are added once made.
 */
export interface FinishedAnswer {
  /** The JSON, in UTF-8. */
  readonly body: Buffer
  /** Weak (RFC 9110 §8.8.3), in quotes: the same for all encodings of the body. */
  readonly etag: string
  /** Seconds that the answer keeps, from its oldest part on: `max-age`. */
  readonly maxAgeSeconds: number
  /** When that is over, in milliseconds since the Unix epoch. */
  readonly freshUntilMs: number
  /** The body in a content coding, if it is there by now; asking for it may begin its making, where that pays. */
  encoded(coding: ContentCoding): Buffer | null
}

export interface FinishedAnswerParts extends Pick<FinishedAnswer, 'body' | 'maxAgeSeconds' | 'freshUntilMs'> {
  /** Of this process: all answers share one. */
  readonly compressor: Compressor
  /** Is told each time that the answer has grown, by how many bytes beside its body in all. Must not throw. */
  readonly onGrown: (bytes: number) => void
}

/** 132 of the 256 bits: no two answers to one question will have them in common. */
const ETAG_LENGTH = 22

/** The body is taken as it is and must not be changed afterwards. */
export function createFinishedAnswer(parts: FinishedAnswerParts): FinishedAnswer {
  const { body, maxAgeSeconds, freshUntilMs, compressor, onGrown } = parts
  // Null: under way, or not worth its bytes.
  const codings: { [coding in ContentCoding]?: Buffer | null } = {}
  let etag: string | undefined
  let wasAsked = false
  let grownBy = 0

  async function keep(coding: ContentCoding, making: Promise<Buffer | null>): Promise<void> {
    codings[coding] = null
    const bytes = await making
    if (bytes === null) return
    codings[coding] = bytes
    grownBy += bytes.length
    onGrown(grownBy)
  }

  return {
    body,
    maxAgeSeconds,
    freshUntilMs,
    // Only a request that may be answered with a 304 needs it.
    get etag() {
      etag ??= `W/"${hash('sha256', body, 'base64url').slice(0, ETAG_LENGTH)}"`
      return etag
    },
    encoded(coding) {
      const made = codings[coding]
      if (made !== undefined) return made
      if (!compressor.pays(body.length)) return null
      // Made for one who asks again: a coding takes longer than an answer does, and most answers are asked for once.
      if (wasAsked) begin(coding)
      wasAsked = true
      return null
    },
  }

  function begin(coding: ContentCoding): void {
    const making = compressor.compress(coding, body)
    if (making !== null) void keep(coding, making)
  }
}
