import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../../model/errors.ts'
import { createHeaderRules } from '../header-rules.ts'

/**
 * Keeps browsers out of the operators' routes, which ask for no login: a page that somebody on the same machine has open
 * could send requests to a loopback address, and by DNS rebinding read the answers. Called before each of those routes.
 */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '[::]'])
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

/**
 * `adminHost`: the configured address of the admin listener. An unspecified one, such as 0.0.0.0, stands for every
 * address and for no name: it is names that rebinding needs.
 *
 * @throws GatewayError FORBIDDEN, or BAD_REQUEST where the headers are not sound
 */
export function createBrowserGuard(adminHost: string): (request: IncomingMessage) => void {
  const assertSoundHeaders = createHeaderRules()
  const configured = hostnameOf(adminHost.includes(':') ? `[${adminHost}]` : adminHost)
  const isOurs = (host: string | null): boolean =>
    host !== null &&
    (LOOPBACK.test(host) ||
      host === configured ||
      (configured !== null && UNSPECIFIED.has(configured) && ADDRESS.test(host)))

  return request => {
    assertSoundHeaders(request)
    const { host = '', origin, 'sec-fetch-site': site } = request.headers
    if (origin !== undefined) throw refusal('with an Origin header')
    // Fetch Metadata: `none` is a person who typed the address.
    if (site !== undefined && site !== 'none') throw refusal('that a page has sent (Sec-Fetch-Site)')
    if (!isOurs(hostnameOf(host)))
      throw refusal('whose Host is neither a loopback address nor the address of the admin listener')
  }
}

function refusal(kind: string): GatewayError {
  return new GatewayError('FORBIDDEN', `The admin listener takes no requests ${kind}.`)
}

/** As the URL standard writes it, so that `LOCALHOST`, `127.1` and `[0::1]` are what they are; null: no host. */
function hostnameOf(host: string): string | null {
  return URL.parse(`http://${host}/`)?.hostname ?? null
}
