import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import type { StreamAudit } from '../../../src/http/audit.ts'
import { openStatusStream, type StatusStream } from '../../../src/http/status/status-stream.ts'

/** Long enough to fill a socket soon. */
const EVENT = 'a'.repeat(1_000)

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A stream over a real socket, and its client, which reads nothing until it is told to. */
async function open() {
  const opened = Promise.withResolvers<{ readonly stream: StatusStream; readonly response: ServerResponse }>()
  const audit: StreamAudit = { events: 0, why: null }
  server = createServer((_, response) =>
    opened.resolve({ stream: openStatusStream(response, audit, 4_000), response }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.pause().write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
  return { client, audit, ...(await opened.promise) }
}

/** What the operating system has room for goes out. */
const goesOut = () => new Promise(resolve => setImmediate(resolve))
/** Of what nobody takes there is to be no more than this here: what may wait, and one event. */
const MOST_BYTES = 4_096 + 1_100

test('a client that takes nothing is cut off at once, before more than a little waits for it', async () => {
  const { stream, audit, client, response } = await open()
  let mostBytes = 0
  // Many times what the operating system takes in the client's place.
  for (let sent = 0; sent < 64_000_000 && audit.why === null; sent += EVENT.length) {
    stream.send('view', EVENT)
    if (audit.why !== null) break
    mostBytes = Math.max(mostBytes, response.writableLength)
    if (response.writableNeedDrain || response.writableLength > 0) await goesOut()
  }
  expect([audit.why, response.destroyed]).toEqual(['TOO_SLOW', true])
  expect(mostBytes).toBeGreaterThan(0)
  expect(mostBytes).toBeLessThanOrEqual(MOST_BYTES)
  await stream.closed
  // The end of a stream is not among what the client finds when it reads at last: it is to know that it has missed something.
  let text = ''
  client.setEncoding('utf8').on('data', chunk => {
    text = (text + chunk).slice(-100)
  })
  client.on('error', () => {}).resume()
  await once(client, 'close')
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
})

test('a client that is behind for a while, and then reads, is not cut off', async () => {
  const { stream, audit, client, response } = await open()
  while (response.writableLength === 0) {
    stream.send('view', EVENT)
    await goesOut()
  }
  expect(response.writableLength).toBeLessThanOrEqual(MOST_BYTES)
  client.resume()
  while (response.writableLength > 0) await goesOut()
  stream.send('view', '"b"')
  expect([audit.why, response.destroyed]).toEqual([null, false])
})

test('one that ends for its age says when to come back; one that takes nothing is past hearing it', async () => {
  const { stream, client } = await open()
  let text = ''
  client.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  client.resume()
  stream.end('TOO_OLD', 500)
  await once(client, 'close')
  expect(text.match(/retry: \d+/g)).toEqual(['retry: 4000', 'retry: 500'])
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
