import { hash } from 'node:crypto'
import type { Compressor, ContentCoding } from './content-coding.ts'
import { bufferBytes } from './held-bytes.ts'

export { CONTENT_CODINGS, type ContentCoding } from './content-coding.ts'

/**
 * A whole answer as bytes, finished: what the response cache keeps and the edge sends. It holds nothing of one request,
 * so everybody of the same partition may have the same bytes. Immutable, but for encodings that are added once made.
 */
export interface FinishedAnswer {
  /** The JSON, in UTF-8. */
  readonly body: Buffer
  /** Seconds that the answer keeps, from its oldest part on: `max-age`. */
  readonly maxAgeSeconds: number
  /** When that is over, in milliseconds since the Unix epoch. */
  readonly freshUntilMs: number
  /** Weak (RFC 9110 §8.8.3), in quotes: the same for all encodings of the body. */
  readonly etag: string
  /** The body in a content coding, if it is there by now; asking for it may begin its making, where that pays. */
  encoded(coding: ContentCoding): Buffer | null
}

export interface FinishedAnswerParts extends Pick<FinishedAnswer, 'body' | 'maxAgeSeconds' | 'freshUntilMs'> {
  /** What it is kept under. */
  readonly key: string
}

/** What all answers of a process share. */
export interface AnswerSurroundings {
  readonly compressor: Compressor
  /** Is told each time that an answer has grown, by how many bytes in all since it was made. Must not throw. */
  readonly onGrown: (key: string, answer: FinishedAnswer, bytes: number) => void
}

/** 132 of the 256 bits: no two answers to one question will have them in common. */
const ETAG_LENGTH = 22

/** The body is taken as it is and must not be changed afterwards. */
export function createFinishedAnswer(parts: FinishedAnswerParts, surroundings: AnswerSurroundings): FinishedAnswer {
  return new KeptAnswer(parts, surroundings)
}

/** A class, because there are very many of them: with functions of its own, each would take more than a small body does. */
class KeptAnswer implements FinishedAnswer {
  readonly body: Buffer
  readonly maxAgeSeconds: number
  readonly freshUntilMs: number
  readonly #key: string
  readonly #surroundings: AnswerSurroundings
  #etag: string | null = null
  #codings: Codings | null = null
  #wasAsked = false

  constructor({ key, body, maxAgeSeconds, freshUntilMs }: FinishedAnswerParts, surroundings: AnswerSurroundings) {
    this.body = body
    this.maxAgeSeconds = maxAgeSeconds
    this.freshUntilMs = freshUntilMs
    this.#key = key
    this.#surroundings = surroundings
  }

  // Only a request that may be answered with a 304 needs it.
  get etag(): string {
    this.#etag ??= `W/"${hash('sha256', this.body, 'base64url').slice(0, ETAG_LENGTH)}"`
    return this.#etag
  }

  encoded(coding: ContentCoding): Buffer | null {
    const made = this.#codings?.[coding]
    if (made !== undefined) return made
    const { compressor } = this.#surroundings
    if (!compressor.pays(this.body.length)) return null
    // Made for one who asks again: a coding takes longer than an answer does, and most answers are asked for once.
    const making = this.#wasAsked ? compressor.compress(coding, this.body) : null
    if (making !== null) void this.#keep(coding, making)
    this.#wasAsked = true
    return null
  }

  async #keep(coding: ContentCoding, making: Promise<Buffer | null>): Promise<void> {
    this.#codings ??= {}
    const codings = this.#codings
    codings[coding] = null
    const bytes = await making
    if (bytes === null) return
    codings[coding] = bytes
    const grownBy = Object.values(codings).reduce((sum, made) => sum + (made === null ? 0 : bufferBytes(made)), 0)
    this.#surroundings.onGrown(this.#key, this, grownBy)
  }
}

/** Null: under way, or not worth its bytes. */
type Codings = { [coding in ContentCoding]?: Buffer | null }
