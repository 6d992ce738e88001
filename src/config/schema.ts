import { z } from 'zod'
import { LOG_LEVELS } from '../observe/log.ts'
import { accessLogSchema } from './access-log-schema.ts'
import { admission } from './admission-schema.ts'
import { connectorSchema } from './connector-schema.ts'
import { identitySchema } from './identity-schema.ts'
import { lastKnownGoodSchema } from './last-known-good-schema.ts'
import { listenSchema } from './listen-schema.ts'
import { recoverySchema } from './recovery-schema.ts'
import { selfTest } from './self-test-schema.ts'
import { flag, group, path, whole, word } from './setting.ts'
import { sharedStoreSchema } from './shared-store-schema.ts'
import { shieldSchema } from './shield-schema.ts'
import { statusPage } from './status-page-schema.ts'
import { traces } from './traces-schema.ts'
import { trustedDocumentsSchema } from './trusted-documents-schema.ts'
import { webhooksSchema } from './webhooks-schema.ts'

/**
 * The schema of the one configuration file: every setting with what it is, its unit, range and default. Called by the
 * loader and by the command that publishes it for editors. It reads no file and no environment.
 */

const fieldCache = group('The cache of full records by key', {
  entries: whole({
    is: 'Records, and fields of records, that are kept in memory, and again as many records in pages',
    from: 0,
    to: 10_000_000,
    preset: 100_000,
  }),
})

const responseCache = group('The cache of finished answers, in the memory of this process', {
  bytes: whole({
    is: 'Most that finished answers take together; 0: none are kept',
    unit: 'bytes',
    from: 0,
    to: 17_179_869_184,
    preset: 67_108_864,
  }),
  questionBytes: whole({
    is: 'Most that is kept to know a question again by its bytes; 0: every request is read anew',
    unit: 'bytes',
    from: 0,
    to: 4_294_967_296,
    preset: 33_554_432,
  }),
})

const warmUp = group('What is asked again by the gateway itself as soon as a system opens', {
  questions: whole({
    is: 'Most of the questions asked most that are asked again; 0: none',
    from: 0,
    to: 10_000,
    preset: 200,
  }),
  atOnce: whole({ is: 'How many of them at a time', from: 1, to: 16, preset: 2 }),
})

const persistedQueries = group('Automatic persisted queries', {
  entries: whole({ is: 'Documents that clients registered by their hash', from: 0, to: 100_000, preset: 1_000 }),
  ttlSeconds: whole({ is: 'How long one is kept', unit: 'seconds', from: 1, to: 2_592_000, preset: 86_400 }),
})

const federation = group('GraphQL federation: the schema as a subgraph of a supergraph of yours', {
  enabled: flag({ is: 'Whether the schema has _service and _entities, by which a router reads it', preset: false }),
})

const documents = group('Limits of one GraphQL document', {
  maxTokens: whole({
    is: 'Most tokens of a document; more would nest deeper than the parser can follow',
    from: 100,
    to: 4_000,
    preset: 2_000,
  }),
  maxLength: whole({
    is: 'Longest document; every one that is remembered is kept whole',
    unit: 'characters',
    from: 1_000,
    to: 1_000_000,
    preset: 32_768,
  }),
  maxDepth: whole({ is: 'Deepest nesting of fields', from: 3, to: 100, preset: 16 }),
  maxAliases: whole({ is: 'Most aliases of a document', from: 0, to: 1_000, preset: 50 }),
  maxRootFields: whole({ is: 'Most root fields of an operation', from: 1, to: 100, preset: 20 }),
  maxDirectives: whole({ is: 'Most directives of a document', from: 0, to: 1_000, preset: 50 }),
  maxPageSize: whole({ is: 'Most entries of one page', from: 1, to: 1_000, preset: 200 }),
  maxListKeys: whole({ is: 'Most keys that one field takes', from: 1, to: 5_000, preset: 500 }),
  planEntries: whole({
    is: 'Operation plans of up to 25 fields that are kept in memory; a larger one counts as several',
    from: 1,
    to: 100_000,
    preset: 1_000,
  }),
})

const limits = group('Limits of one request and one partner', {
  operationCost: whole({
    is: "Most that one operation may cost, where the partner's entry names no other",
    unit: 'units of the cost directives',
    from: 1,
    to: 10_000_000,
    preset: 20_000,
  }),
  costPerMinute: whole({
    is: "What a partner may spend in a minute, where the partner's entry names no other",
    unit: 'units of the cost directives',
    from: 1,
    to: 1_000_000_000,
    preset: 600_000,
  }),
  bodyBytes: whole({ is: 'Largest request body', unit: 'bytes', from: 1_024, to: 16_777_216, preset: 262_144 }),
  requestTimeoutMs: whole({
    is: 'Longest time for a whole request to come in',
    unit: 'milliseconds',
    from: 100,
    to: 120_000,
    preset: 8_000,
  }),
  headersTimeoutMs: whole({
    is: 'Longest time for the headers of a request to come in',
    unit: 'milliseconds',
    from: 100,
    to: 60_000,
    preset: 5_000,
  }),
  streamsPerPartner: whole({
    is: 'Most subscriptions that a partner may have open at once, and as many streams of the status page',
    from: 0,
    to: 10_000,
    preset: 20,
  }),
  shutdownGraceMs: whole({
    is: 'How long requests in flight may take to finish when the gateway is stopped',
    unit: 'milliseconds',
    from: 0,
    to: 120_000,
    preset: 10_000,
  }),
})

const log = group('The structured log on standard error', {
  level: word(LOG_LEVELS, { is: 'Least important level that is logged', preset: 'info' }),
})

/** The schema of a file that stands in `directory`, against which its relative paths are resolved. */
export function createConfigSchema(directory: string) {
  const connector = connectorSchema(directory)
  const system = z
    .strictObject({
      deadlineMs: whole({
        is: 'Longest that one read of the system may take; less than limits.requestTimeoutMs',
        unit: 'milliseconds',
        from: 10,
        to: 60_000,
        preset: 2_000,
      }),
      shield: shieldSchema(),
      connector: connector.optional(),
      connectors: z.array(connector).min(2).max(8).optional().meta({
        description:
          'Several connectors that share the relations, each with the settings of one. In the place of `connector`.',
      }),
    })
    .transform(({ connector, connectors, ...rest }, context) => {
      if ((connector === undefined) === (connectors === undefined))
        context.addIssue({ code: 'custom', message: 'must have connector, or connectors: exactly one of them' })
      return { ...rest, connectors: connectors ?? (connector === undefined ? [] : [connector]) }
    })
    .meta({ description: 'One restored system: the connector that reads it, or several that share its relations.' })
  const embedded = z.strictObject({
    directory: path(directory, { is: 'Directory of the embedded databases, the embedded issuer and the sample keys' }),
  })
  return z
    .strictObject({
      listen: listenSchema(directory),
      identity: identitySchema(directory),
      sites: path(directory, { is: 'YAML file with the site directory' }),
      systems: z
        .strictObject({ PARTS_LOGISTICS: system, WHOLESALE_FINANCE: system, PRODUCTION_SCHEDULE: system })
        .meta({ description: 'The restored systems, all three. Which of them are open is said by signed statements.' }),
      recovery: recoverySchema(directory),
      sharedStore: sharedStoreSchema(directory).optional(),
      lastKnownGood: lastKnownGoodSchema(directory),
      fieldCache,
      responseCache,
      warmUp,
      persistedQueries,
      trustedDocuments: trustedDocumentsSchema(directory),
      federation,
      documents,
      limits,
      admission,
      statusPage,
      webhooks: webhooksSchema(directory),
      selfTest,
      log,
      traces,
      accessLog: accessLogSchema(directory).optional(),
      embedded: embedded.optional().meta({
        description:
          'For trying out only: the gateway makes its databases, its issuer and the keys of its operators at its first start.',
      }),
    })
    .meta({ title: 'Configuration of recovery-gateway' })
}

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** What the schema makes of a file, before the settings are checked against each other. */
export type ParsedConfig = DeepReadonly<z.output<ReturnType<typeof createConfigSchema>>>
