import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import type { StreamAudit } from '../../../src/http/audit.ts'
import { openStatusStream, type StatusStream } from '../../../src/http/status/status-stream.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A stream over a real socket, and its client, which reads nothing until it is told to. */
async function open() {
  const opened = Promise.withResolvers<StatusStream>()
  const audit: StreamAudit = { events: 0, why: null }
  server = createServer((_, response) => opened.resolve(openStatusStream(response, audit, 4_000))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.pause().write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
  return { client, audit, stream: await opened.promise }
}

test('a client that takes nothing is cut off, before more than a little waits for it', async () => {
  const { stream, audit, client } = await open()
  let written = 0
  while (audit.why === null && written < 1_000_000) {
    for (let each = 0; each < 1_000; each++) stream.send('changed', '{}')
    written += 1_000
    // What the operating system has room for goes out meanwhile.
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(audit.why).toBe('TOO_SLOW')
  expect(audit.events).toBeLessThan(written)
  await stream.closed
  client.destroy()
})

test('a client that reads hears every event and beat, and then the end', async () => {
  const { stream, audit, client } = await open()
  let text = ''
  client.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  client.resume()
  stream.send('view', '"a"')
  stream.beat()
  stream.send('changed', '{}')
  stream.end('SHUTTING_DOWN')
  stream.end('TOO_SLOW')
  stream.send('view', '"late"')
  await stream.closed
  await once(client, 'close')
  const events = [...text.matchAll(/^(retry|event|data|): ?(.*)$/gm)].map(([line]) => line)
  expect(events).toEqual(['retry: 4000', 'event: view', 'data: "a"', ':', 'event: changed', 'data: {}'])
  expect(audit).toEqual({ events: 2, why: 'SHUTTING_DOWN' })
})
