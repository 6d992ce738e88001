import { readClientTls } from '../../config/client-tls.ts'
import type { ODataSettings } from '../../config/odata-schema.ts'
import type { Clock } from '../../model/clock.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { type Inspection, type MappedConnector, probeMapped } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import { createCatalogue } from './catalogue.ts'
import { createClient } from './client.ts'
import { readCodeTables } from './codes.ts'
import { explainRead } from './explanation.ts'
import { reasonOf } from './failure.ts'
import { createServiceFreshness } from './freshness.ts'
import { functionLookup } from './functions.ts'
import { differences } from './inspection.ts'
import { lookup } from './lookup.ts'
import { compileMapping, type Mapping, sourceOf } from './mapping.ts'
import { page } from './page.ts'
import { pathOf } from './requests.ts'
import { fieldsOf, likelyShapes } from './shapes.ts'
import { totals } from './totals.ts'

/**
 * The connector for OData services of version 2 and 4: each relation is an entity set, or a function for lookups, mapped
 * by the configuration. Only GET is ever sent. Reads reject with what the service said, `SYSTEM_DATA_INVALID` where its
 * answer cannot be trusted, or the signal's reason. `docs/odata.md` is its reference.
 */
export interface ODataConnectorOptions {
  readonly system: SystemKey
  readonly settings: ODataSettings
  /** Relations of the system. */
  readonly relations: readonly AnyRelation[]
  /** Longest silence of a service, in milliseconds. */
  readonly deadlineMs: number
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
}

/** Reads the files that the settings name, and asks no service yet. Throws `ConfigError` where a file cannot be used. */
export async function createODataConnector(options: ODataConnectorOptions): Promise<MappedConnector> {
  const { system, settings, relations, deadlineMs, clock, log, counters } = options
  const { version, pageSize, maxUrlLength, concurrency } = settings
  const tables = await readCodeTables(settings.codes)
  const tls = await readClientTls(settings.tls ?? {})
  const client = createClient({ system, settings, tls, deadlineMs, clock, counters })
  const catalogue = createCatalogue(client)
  const reading = { system, version, client, pageSize, maxUrlLength, concurrency, clock }
  const freshness = createServiceFreshness({
    ...reading,
    settings: settings.freshness,
    metadataOf: catalogue.metadataOf,
  })
  const mappings = new Map<AnyRelation, Mapping>()
  let closed = false

  function mappingOf(relation: AnyRelation): Mapping | null {
    const kept = mappings.get(relation)
    if (kept !== undefined) return kept
    const entry = settings.relations[relation.name]
    if (entry === undefined) return null
    const mapping = compileMapping(relation, entry, tables)
    mappings.set(relation, mapping)
    return mapping
  }

  async function dialectOf(relation: AnyRelation, signal: AbortSignal) {
    const mapping = mappingOf(relation)
    if (mapping === null) throw new Error(`relation ${relation.name}: there is no mapping of it`)
    return { version, mapping, shapes: await catalogue.shapesOf(mapping, signal) }
  }

  function mustBeOpen(signal: AbortSignal): void {
    if (closed) throw new Error('the connector to the services is closed')
    signal.throwIfAborted()
  }

  async function inspect(relation: AnyRelation, signal: AbortSignal): Promise<Inspection> {
    const mapping = mappingOf(relation)
    const { name } = relation
    if (mapping === null)
      return { relation: name, source: '-', lookupsOnly: false, problems: ['there is no mapping of it'] }
    const inspection = { relation: name, source: sourceOf(mapping), lookupsOnly: mapping.origin.kind === 'function' }
    try {
      const dialect = await dialectOf(relation, signal)
      return { ...inspection, problems: [...mapping.problems, ...differences(dialect)] }
    } catch (thrown) {
      signal.throwIfAborted()
      return { ...inspection, problems: [...mapping.problems, reasonOf(thrown)] }
    }
  }

  const connector: MappedConnector = {
    async lookup(relation, query, signal) {
      const checked = checkedLookup(relation, query)
      mustBeOpen(signal)
      // The time first: rows read after it cannot be older than it says.
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf }
      const dialect = await dialectOf(relation, signal)
      const { origin, service } = dialect.mapping
      if (origin.kind === 'entities') return { rows: await lookup(reading, dialect, checked, asOf, signal), asOf }
      const shape = (await catalogue.metadataOf(service, signal)).functions.get(origin.name)
      if (shape === undefined) throw new TypeError(`the function ${origin.name} has no shape`)
      return { rows: await functionLookup(reading, dialect, origin, shape, checked, asOf, signal), asOf }
    },
    async page(relation, query, signal) {
      const checked = checkedPage(relation, query)
      mustBeOpen(signal)
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf, hasNextPage: false }
      const { rows, next } = await page(reading, await dialectOf(relation, signal), checked, asOf, signal)
      return { rows, asOf, hasNextPage: next !== null }
    },
    async totals(relation, signal) {
      mustBeOpen(signal)
      const asOf = await freshness(signal)
      return totals(reading, await dialectOf(relation, signal), asOf, signal)
    },
    async freshness(signal) {
      mustBeOpen(signal)
      const asOf = await freshness(signal)
      // A live service is only as fresh as it answers.
      if ('live' in settings.freshness) await ask(signal)
      return asOf
    },
    async inspect(wanted, signal) {
      mustBeOpen(signal)
      catalogue.expire()
      const inspections: Inspection[] = []
      for (const relation of wanted) inspections.push(await inspect(relation, signal))
      return inspections
    },
    async proveReadOnly(signal) {
      mustBeOpen(signal)
      return 'only GET is ever sent: the one function that sends requests takes no method'
    },
    explain(relation, read) {
      const mapping = mappingOf(relation)
      if (mapping === null) throw new Error(`relation ${relation.name}: there is no mapping of it`)
      const shapes = catalogue.knownShapes(mapping) ?? likelyShapes(mapping, version)
      return explainRead(reading, { version, mapping, shapes }, read)
    },
    probe: (wanted, signal) => probeMapped(connector, wanted, signal),
    warning: client.warning,
    async close() {
      closed = true
      await client.close()
    },
  }
  log.debug({ relations: Object.keys(settings.relations).length }, 'an OData connector is ready')
  return connector

  /** One row of the first entity set that is mapped, or the description of a service where there is none. */
  async function ask(signal: AbortSignal): Promise<void> {
    const mapped = relations.flatMap(relation => mappingOf(relation) ?? [])
    const first = mapped.find(({ origin }) => origin.kind === 'entities')
    if (first?.origin.kind !== 'entities') {
      await client.get(mapped[0]?.service ?? '', '$metadata', 'xml', signal)
      return
    }
    const query = { select: fieldsOf(first, null).slice(0, 1), where: null, filter: true, order: '', top: 1 }
    await client.get(first.service, pathOf(version, first.origin.entitySet, query) ?? '', 'json', signal)
  }
}
