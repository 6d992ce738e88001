import { GatewayError } from '../model/errors.ts'

/** The media types that the edge reads and writes: what a body may be, and which form of answer the client takes. */

export const ANSWER_MEDIA_TYPES = ['application/json', 'application/graphql-response+json'] as const
export type AnswerMediaType = (typeof ANSWER_MEDIA_TYPES)[number]

/** The whole header, so that nothing rides along: parameters other than this charset are refused, not ignored. */
const JSON_BODY = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

/** @throws GatewayError UNSUPPORTED_MEDIA_TYPE unless the body is declared as plain JSON in UTF-8 */
export function assertJsonBody(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentType === undefined || !JSON_BODY.test(contentType))
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'POST takes Content-Type: application/json, in UTF-8.')
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity')
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'POST takes bodies without Content-Encoding.')
}

/**
 * The form of answer that an Accept header prefers (RFC 9110 §12.5.1): the greater q, then the one that is named more
 * exactly, then the one named first. No header: `application/json`. Null: neither is acceptable.
 */
export function acceptedMediaType(accept: string | undefined): AnswerMediaType | null {
  if (accept === undefined || accept.trim() === '') return 'application/json'
  const ranges = accept.split(',').map(parseRange)
  const [best] = ANSWER_MEDIA_TYPES.flatMap(type => {
    const match = ranges
      .map((range, index) => ({ type, ...range, index, precision: precisionOf(range.name, type) }))
      .filter(range => range.precision > 0)
      .toSorted((a, b) => b.precision - a.precision)[0]
    return match !== undefined && match.quality > 0 ? [match] : []
  }).toSorted((a, b) => b.quality - a.quality || b.precision - a.precision || a.index - b.index)
  return best?.type ?? null
}

/** Whether an Accept header lets the answer be a stream of events; no header lets it be anything. */
export function acceptsEventStream(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  const names = ['text/event-stream', 'text/*', '*/*']
  const [best] = accept
    .split(',')
    .map(parseRange)
    .filter(({ name }) => names.includes(name))
    .toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
  return best !== undefined && best.quality > 0
}

function parseRange(text: string): { readonly name: string; readonly quality: number } {
  const [name = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase())
  const quality = parameters.find(parameter => parameter.startsWith('q='))?.slice(2)
  // Answers are in UTF-8 and have no other parameter: a range that wants one names none of them.
  const isAnswered = parameters.every(parameter => /^(?:q=.*|charset=(?:utf-8|"utf-8"))$/.test(parameter))
  return { name: isAnswered ? name : '', quality: quality === undefined ? 1 : Number(quality) || 0 }
}

/** How exactly a media range names a type; 0: not at all. */
function precisionOf(range: string, type: AnswerMediaType): 0 | 1 | 2 | 3 {
  if (range === type) return 3
  if (range === 'application/*') return 2
  return range === '*/*' ? 1 : 0
}
