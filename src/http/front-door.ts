import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { LoadMonitor } from '../admission/load-monitor.ts'
import type { Shedding } from '../admission/shedding.ts'
import type { Refusals } from './refusals.ts'

/**
 * The first that a request meets. Under load it refuses a share of those whom nobody knows, before anything is done for
 * them; whoever is known goes on, and is refused, if at all, where it can be seen what is asked. Opened by the composition
 * root, after the express lane and before the server listens. Of what a stranger sends it believes nothing: that a header
 * looks like a token only keeps out those who did not even go to that trouble.
 */
export interface FrontDoorSteps {
  /** Whether the header was found to hold a good token before. */
  readonly isKnown: (authorization: string) => boolean
  readonly shedding: Pick<Shedding, 'isNeeded' | 'refusesUnknown'>
  readonly load: Pick<LoadMonitor, 'start' | 'stop'>
  readonly refusals: Pick<Refusals, 'refuseForLoad'>
}

export function openFrontDoor(app: FastifyInstance, steps: FrontDoorSteps): void {
  const { isKnown, shedding, load, refusals } = steps
  app.server.on('listening', load.start)
  app.server.on('close', load.stop)
  const onwards = intercept(app.server, (request, response) => {
    // A stopping instance says so.
    if (shedding.isNeeded() && !app.draining.aborted && isRefused(request))
      refusals.refuseForLoad(request, response, null)
    else onwards(request, response)
  })

  function isRefused({ headers: { authorization = '' } }: IncomingMessage): boolean {
    return !isKnown(authorization) && shedding.refusesUnknown(TOKEN.test(authorization))
  }
}

/** A scheme and a JWT (RFC 9068) in compact form, whatever may stand in it. */
const TOKEN = /^(?:Bearer|DPoP) [\w-]+\.[\w-]+\.[\w-]+=*$/i

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void

/** Puts a listener in the place of the last that a server's requests have; gives that one, for what is to go on. */
export function intercept(server: Server, listener: RequestListener): RequestListener {
  const last = server.listeners('request').at(-1)
  if (last === undefined) throw new TypeError('the server has no request listener')
  const onwards = last as RequestListener
  server.removeListener('request', onwards)
  server.on('request', listener)
  return onwards
}
