import type { SystemKey } from '../../model/system.ts'
import type { Version } from './edm.ts'
import { memberOf, untrusted } from './failure.ts'

/**
 * The JSON of an answer, in the shapes of both versions. Called by the readings. Numbers are kept as the text that they
 * were written in, so that no amount passes through a float.
 */
export type RawEntity = Readonly<Record<string, unknown>>

export interface AnswerPage {
  readonly entities: readonly RawEntity[]
  /** Where the service says that there is more; null: there is not. */
  readonly next: string | null
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown
/** The compiler does not know the third parameter yet: ECMAScript, JSON.parse source text access. */
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown

export function pageOf(version: Version, text: string, system: SystemKey): AnswerPage {
  const answer = jsonOf(text, system)
  const [list, next] = version === 'V2' ? v2Members(answer) : v4Members(answer)
  if (!Array.isArray(list) || !list.every(isEntity)) throw untrusted(system, 'an answer has no list of entities')
  if (next !== undefined && next !== null && typeof next !== 'string')
    throw untrusted(system, 'an answer names its next page in a form that is not a URL')
  return { entities: list, next: next ?? null }
}

/** The one result of a function; null: it has none. */
export function resultOf(version: Version, text: string, name: string, system: SystemKey): RawEntity | null {
  const answer = jsonOf(text, system)
  const body = version === 'V2' ? memberOf(answer, 'd') : answer
  const result =
    memberOf(body, name) ??
    memberOf(body, 'results') ??
    (version === 'V4' ? memberOf(body, 'value') : undefined) ??
    body
  const one = Array.isArray(result) && result.length < 2 ? (result[0] ?? null) : result
  if (one === null || isEntity(one)) return one
  throw untrusted(system, `the function ${name} answered with something else than one row`)
}

function v2Members(answer: unknown): readonly [unknown, unknown] {
  const d = memberOf(answer, 'd')
  return Array.isArray(d) ? [d, undefined] : [memberOf(d, 'results'), memberOf(d, '__next')]
}

function v4Members(answer: unknown): readonly [unknown, unknown] {
  return [memberOf(answer, 'value'), memberOf(answer, '@odata.nextLink') ?? memberOf(answer, '@nextLink')]
}

function isEntity(value: unknown): value is RawEntity {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function jsonOf(text: string, system: SystemKey): unknown {
  try {
    return parseJson(text, (_key, value, { source }) => (typeof value === 'number' ? (source ?? String(value)) : value))
  } catch {
    // The parser's own message quotes the text.
    throw untrusted(system, 'an answer is not JSON, or was cut')
  }
}
