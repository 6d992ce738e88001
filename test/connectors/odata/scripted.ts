import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { GatewayError } from '../../../src/model/errors.ts'
import { metadataOf } from './server.ts'

/** A server that answers what a test says: for what real services only do on a bad day. */
export type Script = (request: IncomingMessage, response: ServerResponse, path: string) => void

export interface ScriptedServer {
  readonly url: string
  /** Every request but those for `$metadata`. */
  readonly requests: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] }[]
  script: Script
  close(): Promise<void>
}

const PART_SET = {
  name: 'Parts',
  key: ['PartNumber'],
  properties: {
    PartNumber: { type: 'Edm.String', maxLength: 40 },
    ChainEnd: { type: 'Edm.String', maxLength: 40 },
  },
  rows: [],
}

/** The relation part_supersession, which has the fewest columns. */
export const PART_RELATIONS = {
  part_supersession: {
    service: 'PARTS_SRV',
    entitySet: 'Parts',
    columns: { part_number: 'PartNumber', current_part_number: 'ChainEnd', chain: { constant: [] } },
  },
}

export async function startScripted(tls?: ServerOptions): Promise<ScriptedServer> {
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? ''
    if (path.endsWith('/$metadata')) {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(metadataOf('V2', { sets: [PART_SET] }))
      return
    }
    server.requests.push({ method: request.method ?? '', path, headers: request.headers })
    server.script(request, response, path)
  }
  const listening = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  const server: ScriptedServer = {
    url: '',
    requests: [],
    script: (_request, response) => response.destroy(),
    async close() {
      listening.closeAllConnections()
      listening.close()
      await once(listening, 'close')
    },
  }
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return Object.assign(server, { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}` })
}

export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

export const results = (...numbers: readonly string[]) =>
  JSON.stringify({ d: { results: numbers.map(PartNumber => ({ PartNumber, ChainEnd: 'LR9' })) } })

/** The code of what was thrown, null where it has none, and what is behind it. */
export async function failureOf(attempt: Promise<unknown>): Promise<{ code: string | null; text: string }> {
  const error = await attempt.then(
    () => new Error('it did not fail'),
    (thrown: Error) => thrown,
  )
  const cause = error instanceof GatewayError ? error.cause : error
  return {
    code: error instanceof GatewayError ? error.code : null,
    text: Error.isError(cause) ? cause.message : String(cause),
  }
}
