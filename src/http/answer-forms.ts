import type { FastifyInstance } from 'fastify'
import { CONTENT_CODINGS, type ContentCoding } from '../responses/finished-answer.ts'
import { createHeaderMemo } from './header-memo.ts'
import { type AnswerMediaType, acceptedMediaType } from './media-types.ts'

/**
 * The forms of answer that a request prefers, by its headers. Each value is read once and remembered, because most clients
 * always send the same. Registered by the partner server; the routes and what sends answers ask it.
 */
export interface AnswerForms {
  /** Null: none that we speak. */
  mediaType(accept: string | undefined): AnswerMediaType | null
  /** Null: as it is, which is acceptable to everybody. */
  contentCoding(acceptEncoding: string | undefined): ContentCoding | null
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly answerForms: AnswerForms
  }
}

export function registerAnswerForms(app: FastifyInstance): void {
  const mediaTypeOf = createHeaderMemo(acceptedMediaType)
  const contentCodingOf = createHeaderMemo(acceptedContentCoding)
  app.decorate('answerForms', {
    mediaType: accept => (accept === undefined ? 'application/json' : mediaTypeOf(accept)),
    contentCoding: acceptEncoding => (acceptEncoding === undefined ? null : contentCodingOf(acceptEncoding)),
  } satisfies AnswerForms)
}

/**
 * The coding that an Accept-Encoding header prefers (RFC 9110 §12.5.3): the greater q, then ours. Null: none, or identity
 * by name before all. Whoever refuses identity, and takes nothing else that there is, gets identity all the same.
 */
export function acceptedContentCoding(acceptEncoding: string): ContentCoding | null {
  const qualities = new Map(acceptEncoding.split(',').map(qualityIn))
  const qualityOf = (name: string) => qualities.get(name) ?? qualities.get('*') ?? 0
  // A `*` speaks of identity only to refuse it, and that is not heeded.
  const least = Math.max(qualities.get('identity') ?? 0, Number.MIN_VALUE)
  const [best] = CONTENT_CODINGS.filter(coding => qualityOf(coding) >= least).toSorted(
    (a, b) => qualityOf(b) - qualityOf(a),
  )
  return best ?? null
}

/** RFC 9110 §12.4.2. */
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** A coding with a weight that is none is not taken. */
function qualityIn(text: string): readonly [name: string, quality: number] {
  const [name = '', weight, ...rest] = text.split(';').map(part => part.trim().toLowerCase())
  if (weight === undefined) return [name, 1]
  const quality = /^q\s*=\s*/.test(weight) ? weight.replace(/^q\s*=\s*/, '') : ''
  return [name, rest.length === 0 && QUALITY.test(quality) ? Number(quality) : 0]
}
