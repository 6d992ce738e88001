import { defineConfig, type GatewayPlugin } from '@graphql-hive/gateway'
import { createPeerTokens, type VerifiedToken } from '../peer-tokens.ts'
import type { HiveOptions } from './hive-options.ts'

/**
 * Hive Gateway in front of a GraphQL service, as https://the-guild.dev/graphql/hive/docs/gateway has it: `hive-gateway proxy` with
 * its response cache, whose session is the client that the verified token names.
 */

const options = JSON.parse(process.env.BENCH_HIVE ?? '{}') as HiveOptions
const { verify } = await createPeerTokens(options.issuer, { memo: options.tokenMemo })
const tokens = new WeakMap<Request, VerifiedToken>()

const identity: GatewayPlugin = {
  async onRequest({ request, fetchAPI, endResponse }) {
    try {
      tokens.set(request, await verify(request.headers.get('authorization')))
    } catch {
      endResponse(new fetchAPI.Response(null, { status: 401 }))
    }
  },
}

export const gatewayConfig = defineConfig({
  proxy: { endpoint: options.upstream },
  schema: options.schemaFile,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }),
  },
  maskedErrors: false,
  ...(options.cached && {
    responseCaching: {
      session: (request: Request) => tokens.get(request)?.client ?? null,
      ttl: 0,
      ttlPerSchemaCoordinate: Object.fromEntries(options.agesMs),
    },
  }),
  plugins: () => [identity],
})
