import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../observe/log.ts'
import type { SharedTexts } from '../store/shared-store.ts'
import { answering } from './answering.ts'
import type { RequestContext } from './context.ts'
import { createDocumentCache } from './document-cache.ts'
import { wordGraphQLError } from './error-format.ts'
import type { Execution } from './execution.ts'
import type { Note, PlanningSteps } from './planned-operation.ts'
import { planning } from './planning.ts'

/**
 * The protocol: Apollo Server speaks GraphQL over HTTP and keeps persisted documents. What happens to an operation
 * between its parsing and its answer is said by two plugins, `planning.ts` and `answering.ts`. Knows no system.
 */
export interface ProtocolOptions extends PlanningSteps {
  readonly schema: GraphQLSchema
  readonly execution: Execution
  readonly persistedQueries: { readonly entries: number; readonly ttlSeconds: number }
  /** Where all instances share persisted documents; null, or left out: each holds its own alone. */
  readonly sharedDocuments?: SharedTexts | null
  readonly maxTokens: number
  readonly note?: Note
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

/** A landing page and reports to a vendor have no place here; the plan knows the freshness, so nothing counts it per field. */
const DISABLED = [
  ApolloServerPluginCacheControlDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
]

export type Protocol = ApolloServer<RequestContext>

/** Builds and starts the protocol server. */
export async function createProtocol(options: ProtocolOptions): Promise<Protocol> {
  const { schema, planner, execution, persistedQueries, maxTokens, assertTrusted, spend, note, clock, log } = options
  const onError = (error: Error) => log.warn({ error }, 'the store of persisted documents failed')
  const { cache, share } = createDocumentCache({
    ...persistedQueries,
    store: options.sharedDocuments ?? null,
    clock,
    onError,
  })
  const server = new ApolloServer<RequestContext>({
    gateway: planned(schema, execution),
    cache,
    // What comes again is known by its plan; the library's own store has a bound of its own, and one for all partners.
    documentStore: null,
    persistedQueries: { ttl: persistedQueries.ttlSeconds },
    parseOptions: { maxTokens },
    // The plan validates, after the document limits and once per document.
    dangerouslyDisableValidation: true,
    // Introspection is a field behind a scope: the plan refuses it, not a switch.
    introspection: true,
    // No browser sends a bearer token by itself, so there is no request to forge.
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [planning({ planner, assertTrusted, spend, note, share }), answering(log, clock), ...DISABLED],
    formatError: wordOutsideOperations,
    // Without the line break that the library adds: the same bytes as by any other way.
    stringifyResult: result => JSON.stringify(result),
    logger: {
      debug: () => {},
      info: () => {},
      warn: message => log.warn({ message: String(message) }, 'the protocol library warns'),
      error: message => log.error({ message: String(message) }, 'the protocol library reports an error'),
    },
  })
  await server.start()
  return server
}

/** Has Apollo Server run its operations through the compiled execution. */
function planned(
  schema: GraphQLSchema,
  execution: Execution,
): ApolloServerOptionsWithGateway<RequestContext>['gateway'] {
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: schema, coreSupergraphSdl: '' })
      return () => {}
    },
    load: async () => ({
      executor: async ({ context }) => execution.execute(context as RequestContext),
    }),
    stop: async () => {},
  }
}

/** Errors that arise before there is an operation have no request context; the answer's header has the request id. */
function wordOutsideOperations(_formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const known = error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })
  const { message, extensions } = wordGraphQLError(known, '')
  const { requestId: _, ...rest } = extensions ?? {}
  return { message, extensions: rest }
}
