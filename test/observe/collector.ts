import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** A collector of traces: OTLP over HTTP in JSON, as the protocol's specification has it. It keeps what it is sent. */
export interface Collector {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** Everything that came, as text, headers included. */
  readonly received: readonly string[]
  /** Resolves as soon as a span is there that passes; rejects after ten seconds. */
  span(passes: (span: CollectedSpan) => boolean): Promise<CollectedSpan>
  /** Idempotent. */
  close(): Promise<void>
}

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
}

interface SentSpan extends Omit<CollectedSpan, 'attributes' | 'parentSpanId'> {
  readonly parentSpanId?: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const received: string[] = []
  const server: Server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    received.push(`${request.method} ${request.url} ${headersText(request.headers)}\n${body}`)
    spans.push(...spansIn(body))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    received,
    async span(passes) {
      for (let tries = 0; tries < 1_000; tries++) {
        const found = spans.find(passes)
        if (found !== undefined) return found
        await setTimeout(10)
      }
      throw new Error(`no such span among ${spans.map(({ name }) => name).join(', ')}`)
    },
    async close() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const headersText = (headers: IncomingHttpHeaders) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

function spansIn(body: string): readonly CollectedSpan[] {
  const { resourceSpans } = JSON.parse(body) as {
    readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[]
  }
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId, parentSpanId, name, attributes }) => ({
      traceId,
      spanId,
      parentSpanId: parentSpanId || null,
      name,
      attributes: Object.fromEntries(
        attributes.map(({ key, value }) => [key, Object.values(value)[0] as string | number]),
      ),
    }))
}
