import type { Server } from 'node:http'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import responseCachePlugin from '@apollo/server-plugin-response-cache'
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify'
import fastify from 'fastify'
import { CACHE_BYTES } from '../../site/configuration.ts'
import { openPeer, type PeerContext } from '../peer-context.ts'
import { parsePeerOptions } from '../peer-options.ts'

/** Apollo Server with its response cache: one entry for each question of each partner, https://www.apollographql.com/docs/apollo-server/performance/caching. */

const options = parsePeerOptions(process.argv)
const peer = await openPeer(options)
const app = fastify<Server>({ logger: false })
const cachePlugins: ApolloServerPlugin<PeerContext>[] = [
  // Ages are said by the schema; what says none has that of what it stands in.
  ApolloServerPluginCacheControl({ defaultMaxAge: 0 }),
  responseCachePlugin<PeerContext>({ sessionId: async ({ contextValue }) => contextValue.partner }),
]
const apollo = new ApolloServer<PeerContext>({
  schema: peer.schema,
  cache: new InMemoryLRUCache({ maxSize: CACHE_BYTES }),
  introspection: true,
  includeStacktraceInErrorResponses: false,
  plugins: [fastifyApolloDrainPlugin(app), ...(options.cached ? cachePlugins : [])],
})
await apollo.start()
app.post('/graphql', fastifyApolloHandler(apollo, { context: ({ headers }) => peer.contextFor(headers.authorization) }))
await app.listen({ host: '127.0.0.1', port: options.port })
