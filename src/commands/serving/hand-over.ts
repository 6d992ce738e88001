import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/**
 * Takes a server out of service while another one listens at the same address, so that nobody notices: no new
 * connection is taken, every request on the others is answered, and its answer ends its connection (RFC 9112 §9.6).
 * Called before the drain, which would refuse those requests. It cuts no connection: one over which nothing more is asked
 * ends when it would have ended anyway, because a request may be under way to whatever is closed a moment earlier.
 */

/** Beyond the time that a connection may lie idle, of which its client was told. */
const MARGIN_MS = 5_000

/** Longest that it takes; what is left then, such as a stream without an end, is the drain's. */
export const lingerMsOf = ({ keepAliveTimeout }: Pick<Server, 'keepAliveTimeout'>): number =>
  keepAliveTimeout + MARGIN_MS

/** Resolves when no connection is left, or no more of them will end by themselves. */
export async function handOver(server: Server): Promise<void> {
  if (!server.listening) return
  const over = new AbortController()
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close')
  })
  const ended = once(server, 'close', { signal: over.signal })
  // The close of net, not of http, which would cut idle connections at once: a request may be under way to one.
  NetServer.prototype.close.call(server)
  const lingered = setTimeout(lingerMsOf(server), undefined, { signal: over.signal })
  await Promise.race([ended, lingered])
  over.abort()
  await Promise.allSettled([ended, lingered])
}
