import type { SystemKey } from '../../model/system.ts'
import { type AnswerPage, pageOf, type RawEntity } from './answer.ts'
import type { Client } from './client.ts'
import { cellOf, isWireValue, type Version } from './edm.ts'
import { untrusted } from './failure.ts'
import type { Entity } from './row.ts'
import type { Shape } from './shapes.ts'

/**
 * Reads entities of a service, following the pages into which the service itself cuts an answer. Called by the readings.
 * It follows them within the service only, and never in a circle.
 */
export interface ServiceReader {
  readonly version: Version
  readonly system: SystemKey
  readonly client: Client
}

const MAX_PAGES = 10_000
/** Pages without rows in a row: a service may search that long, and a fault without end looks the same. */
const MAX_EMPTY_PAGES = 10

/** One array per page that the service gave; in all no more than `most` entities (null: all). */
export async function* entityPages(
  { client, system, version }: ServiceReader,
  service: string,
  path: string,
  most: number | null,
  signal: AbortSignal,
): AsyncGenerator<readonly RawEntity[], void> {
  const seen = new Set<string>()
  let left = most ?? Number.POSITIVE_INFINITY
  let empty = 0
  for (let next: string | null = path; next !== null && left > 0; ) {
    if (seen.has(next) || seen.size >= MAX_PAGES || empty >= MAX_EMPTY_PAGES)
      throw untrusted(system, `${service || 'the service'} pages in a circle, or without end`)
    seen.add(next)
    const page: AnswerPage = pageOf(version, await client.get(service, next, 'json', signal), system)
    yield page.entities.slice(0, left)
    left -= page.entities.length
    empty = page.entities.length === 0 ? empty + 1 : 0
    next = page.next === null ? null : pathWithin(client, system, service, next, page.next)
  }
}

/** A page's address may be relative; it may not lead out of the service. */
function pathWithin(client: Client, system: SystemKey, service: string, path: string, next: string): string {
  const root = new URL(client.urlOf(service, ''))
  const url = URL.parse(next, client.urlOf(service, path))
  const isWithin =
    url !== null &&
    url.origin === root.origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(root.pathname)
  if (!isWithin)
    throw untrusted(system, `${service || 'the service'} names a next page outside of itself, which is not followed`)
  return `${url.pathname.slice(root.pathname.length)}${url.search}`
}

/** The fields of an entity as cells; what it leaves out is null. Throws `SYSTEM_DATA_INVALID` where one is no value. */
export function entityOf(system: SystemKey, raw: RawEntity, fields: readonly string[], shape: Shape): Entity {
  return Object.fromEntries(
    fields.map(field => {
      const property = shape.property(field)
      const value = Object.hasOwn(raw, field) ? raw[field] : null
      if (!isWireValue(value)) throw untrusted(system, `the field ${field} holds an object, a list or half a character`)
      return [field, property === undefined ? null : cellOf(property, value)]
    }),
  )
}
