import { createServer } from 'node:http'
import { createInMemoryCache, useResponseCache } from '@graphql-yoga/plugin-response-cache'
import { createYoga } from 'graphql-yoga'
import { CACHE_ENTRIES } from '../../site/configuration.ts'
import { openPeer, type PeerContext } from '../peer-context.ts'
import { parsePeerOptions } from '../peer-options.ts'

/** GraphQL Yoga with its response cache, whose session is the partner, https://the-guild.dev/graphql/yoga-server/docs/features/response-caching. */

const options = parsePeerOptions(process.argv)
const peer = await openPeer(options)
// The cache is asked before a context is made, so who asks is found when the request comes in.
const contexts = new WeakMap<Request, PeerContext>()
const yoga = createYoga({
  schema: peer.schema,
  logging: false,
  graphiql: false,
  landingPage: false,
  maskedErrors: false,
  context: ({ request }) => ({ ...contexts.get(request) }),
  plugins: [
    {
      async onRequest({ request, fetchAPI, endResponse }) {
        try {
          contexts.set(request, await peer.contextFor(request.headers.get('authorization')))
        } catch {
          endResponse(new fetchAPI.Response(null, { status: 401 }))
        }
      },
    },
    ...(options.cached
      ? [
          useResponseCache({
            session: request => contexts.get(request)?.partner ?? null,
            cache: createInMemoryCache({ max: CACHE_ENTRIES }),
            ttl: 0,
          }),
        ]
      : []),
  ],
})
createServer(yoga).listen(options.port, '127.0.0.1')
