import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { GatewayError } from '../../model/errors.ts'
import { parseJsonBody } from '../json-body.ts'
import { assertJsonBody } from '../media-types.ts'

/**
 * POST /explorer/sign-in: a token of a sample partner, for the pages of the embedded default, whose issuer signs for whoever
 * can read its data directory. Registered there alone: elsewhere the path is as unknown as any other.
 */

/** Null: there is no such sample. */
export type SignInAsSample = (sample: string) => Promise<string | null>

const asked = z.strictObject({ sample: z.string().max(40) })

export function registerSampleSignIn(app: FastifyInstance, signInAsSample: SignInAsSample): void {
  app.route({
    method: 'POST',
    url: '/explorer/sign-in',
    onRequest: async ({ headers, raw: { socket } }) => {
      assertOwnMachine(socket.remoteAddress)
      assertOwnPage(headers)
      assertJsonBody(headers['content-type'], headers['content-encoding'])
    },
    handler: async (request, reply) => {
      const { data } = asked.safeParse(parseJsonBody(request.body as Buffer))
      const token = data === undefined ? null : await signInAsSample(data.sample)
      if (token === null) throw new GatewayError('BAD_REQUEST', 'There is no such sample partner.')
      return reply.header('cache-control', 'no-store').send({ token })
    },
  })
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** Who can read the data directory sits at this machine, wherever the gateway listens. */
function assertOwnMachine(address = ''): void {
  if (!LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    throw new GatewayError('FORBIDDEN', 'Sample partners sign in from the machine that the gateway runs on.')
}

/** Addresses and this machine's own name: it is other names that DNS rebinding needs. */
const ADDRESS = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

/** Only a page of this gateway may ask, and no page that somebody has open beside it. */
function assertOwnPage({ host = '', origin = '', 'sec-fetch-site': site }: IncomingHttpHeaders): void {
  const own = URL.parse(origin)
  const isOwn = own !== null && own.host === host.toLowerCase() && ADDRESS.test(own.hostname)
  if (!isOwn || (site !== undefined && site !== 'same-origin'))
    throw new GatewayError('FORBIDDEN', 'Only the pages of this gateway, opened by its address, may sign in here.')
}
