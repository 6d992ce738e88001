import { createHash } from 'node:crypto'
import { createFlight } from '../flight.ts'
import type { Client } from './client.ts'
import type { Mapping } from './mapping.ts'
import { type Metadata, parseMetadata } from './metadata.ts'
import type { Shape, Shapes } from './shapes.ts'

/**
 * What the services say of themselves, fetched once each and kept, and parsed once for each text. Called by the connector before a value is written or
 * read. A failure is not kept.
 */
export interface Catalogue {
  metadataOf(service: string, signal: AbortSignal): Promise<Metadata>
  shapesOf(mapping: Mapping, signal: AbortSignal): Promise<Shapes>
  /** Null: a service was never asked. */
  knownShapes(mapping: Mapping): Shapes | null
  /** What is kept is fetched again when it is needed next; until then it stays. */
  expire(): void
}

interface Known {
  /** Of the text that the metadata was parsed from. */
  readonly digest: string
  readonly metadata: Metadata
}

export function createCatalogue(client: Client): Catalogue {
  const known = new Map<string, Known>()
  const expired = new Set<string>()
  const flights = new Map<string, (signal: AbortSignal) => Promise<Metadata>>()

  async function metadataOf(service: string, signal: AbortSignal): Promise<Metadata> {
    const kept = known.get(service)
    if (kept !== undefined && !expired.has(service)) return kept.metadata
    const flight =
      flights.get(service) ??
      createFlight(async signal => {
        const text = await client.get(service, '$metadata', 'xml', signal)
        // A description of some megabytes holds up everybody while it is parsed, and hardly ever changes.
        const digest = createHash('sha256').update(text).digest('base64')
        const before = known.get(service)
        const metadata = before?.digest === digest ? before.metadata : parseMetadata(text)
        known.set(service, { digest, metadata })
        expired.delete(service)
        return metadata
      })
    flights.set(service, flight)
    return flight(signal)
  }

  async function shapesOf(mapping: Mapping, signal: AbortSignal): Promise<Shapes> {
    for (const service of servicesOf(mapping)) await metadataOf(service, signal)
    const shapes = knownShapes(mapping)
    if (shapes === null) throw new TypeError('the metadata was fetched and is not there')
    return shapes
  }

  function knownShapes(mapping: Mapping): Shapes | null {
    if (!servicesOf(mapping).every(service => known.has(service))) return null
    const { service, origin, joins } = mapping
    const setOf = (service: string, name: string) => {
      const shape = known.get(service)?.metadata.entitySets.get(name)
      if (shape === undefined) throw new Error(`${service || 'the service'} has no entity set ${name}`)
      return shape
    }
    return {
      own: origin.kind === 'entities' ? setOf(service, origin.entitySet) : functionShape(service, origin.name),
      joined: new Map(joins.map(join => [join.name, setOf(join.service, join.entitySet)])),
    }
  }

  /** What a function gives back, with the parameters that it was given. */
  function functionShape(service: string, name: string): Shape {
    const found = known.get(service)?.metadata.functions.get(name)
    if (found === undefined) throw new Error(`${service || 'the service'} has no function ${name}`)
    return { property: field => found.result.property(field) ?? found.parameters.get(field), key: [] }
  }

  return {
    metadataOf,
    shapesOf,
    knownShapes,
    expire() {
      for (const service of known.keys()) expired.add(service)
    },
  }
}

function servicesOf({ service, joins }: Mapping): readonly string[] {
  return [...new Set([service, ...joins.map(join => join.service)])]
}
