import type { AddressInfo } from 'node:net'
import { type DeclaredGateway, startGateway, type TestGatewayOptions } from '../../support/gateway.ts'

/** A gateway whose partners' listener has a port, and what asks it as anybody may. */
export interface PublishedGateway extends DeclaredGateway {
  readonly url: string
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Published>
}

export type Published = Omit<Response, 'json'> & {
  // biome-ignore lint/suspicious/noExplicitAny: documents are looked into by path in tests
  json(): Promise<any>
}

/** Every path on which something is published, but the streams. */
export const DOCUMENT_PATHS = [
  '/status/view',
  '/feed.atom',
  ...[
    'summary',
    'status',
    'components',
    'incidents',
    'incidents/unresolved',
    'scheduled-maintenances',
    'scheduled-maintenances/upcoming',
    'scheduled-maintenances/active',
  ].map(name => `/api/v2/${name}.json`),
]

export async function startPublishedGateway(options: TestGatewayOptions = {}): Promise<PublishedGateway> {
  const gateway = await startGateway(options)
  await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
  const { port } = gateway.app.partners.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { ...gateway, url, get: (path, headers = {}, method = 'GET') => fetch(`${url}${path}`, { method, headers }) }
}

/** The events of a stream, one by one; comments are left out. */
export async function* eventsOf({
  body,
}: Pick<Published, 'body'>): AsyncGenerator<{ readonly event: string; readonly data: string }> {
  if (body === null) throw new Error('the stream has no body')
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map(line => line.split(': ', 2) as [string, string]),
      )
      text = text.slice(end + 2)
      const [event, data] = [fields.get('event'), fields.get('data')]
      if (event !== undefined && data !== undefined) yield { event, data }
    }
  }
}
