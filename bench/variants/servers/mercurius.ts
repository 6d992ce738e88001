import fastify, { type FastifyPluginAsync } from 'fastify'
import { mercurius } from 'mercurius'
import mercuriusCache, { type MercuriusCacheOptions } from 'mercurius-cache'
import { CACHE_ENTRIES } from '../../site/configuration.ts'
import { openPeer, type PeerContext } from '../peer-context.ts'
import { parsePeerOptions } from '../peer-options.ts'
import { agesOf } from '../peer-schema.ts'

/**
 * Mercurius with its compiler and its cache: every field that reads a system is kept for its partner, under a key of our
 * own as the documentation advises, https://github.com/mercurius-js/cache#options.
 */

interface KeyParts {
  readonly self: { readonly id?: unknown } | null | undefined
  readonly arg: unknown
  readonly ctx: PeerContext
}

const options = parsePeerOptions(process.argv)
const peer = await openPeer(options)
const app = fastify({ logger: false })
await app.register(mercurius, {
  schema: peer.schema,
  jit: 1,
  graphiql: false,
  context: async ({ headers }) => ({ ...(await peer.contextFor(headers.authorization)) }),
})
if (options.cached) {
  const policy: Record<string, Record<string, object>> = {}
  for (const [coordinate, ttl] of agesOf(peer.schema)) {
    const [type = '', field = ''] = coordinate.split('.')
    policy[type] ??= {}
    const key = ({ self, arg, ctx }: KeyParts) =>
      `${ctx.partner}|${String(self?.id ?? JSON.stringify(self ?? null))}|${JSON.stringify(arg)}`
    if (ttl > 0) policy[type][field] = { ttl, key }
  }
  // Its types describe an ES module; it is a CommonJS one.
  await app.register(mercuriusCache as unknown as FastifyPluginAsync<MercuriusCacheOptions>, {
    policy: policy as NonNullable<MercuriusCacheOptions['policy']>,
    storage: { type: 'memory', options: { size: CACHE_ENTRIES } },
  })
}
await app.listen({ host: '127.0.0.1', port: options.port })
