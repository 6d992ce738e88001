import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { createShutdown } from '../../src/http/shutdown.ts'
import { converse, type Edge, readAnswer, startEdge, TOKEN } from './edge.ts'

const REQUEST = `GET /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`

/** A server whose answers wait until they are let go; `arrived` resolves as soon as a request is in its handler. */
async function startSlow() {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const edge = await startEdge({
    listen: true,
    handler: async () => {
      arrive()
      await gate
      return { data: 'finished' }
    },
  })
  return { edge, arrived, letGo }
}

function openConnections(edge: Edge): Promise<number> {
  return new Promise((resolve, reject) =>
    edge.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}

describe('a graceful stop', () => {
  test('answers the request in flight, refuses new ones, then closes the connectors, and leaves nothing open', async () => {
    const { edge, arrived, letGo } = await startSlow()
    const agent = new Agent({ keepAlive: true })
    const get = (path: string) =>
      new Promise<{ status: number | undefined; connection: string | undefined; body: string }>((resolve, reject) => {
        request({ agent, port: edge.port, host: '127.0.0.1', path }, async answer => {
          const { statusCode, headers } = answer
          resolve({ status: statusCode, connection: headers.connection, body: await text(answer) })
        })
          .on('error', reject)
          .end()
      })
    // A connection that is kept alive, and one with a request in flight.
    expect((await get('/nothing')).status).toBe(404)
    const slow = converse(edge.port, REQUEST)
    await arrived

    const events: string[] = []
    const shutdown = createShutdown({
      servers: [edge.app],
      graceMs: 20_000,
      close: async () => {
        events.push(`connectors closed with ${await openConnections(edge)} connections open`)
      },
    })
    const stopped = shutdown.stop()

    const late = await get('/graphql')
    expect([late.status, late.connection]).toEqual([503, 'close'])
    expect(JSON.parse(late.body)).toMatchObject({
      errors: [{ extensions: { code: 'SHUTTING_DOWN', retryable: true } }],
    })
    expect(await converse(edge.port, REQUEST).closed).toBe('')
    expect(events).toEqual([])

    letGo()
    await stopped
    const answer = await slow.closed
    expect(answer).toContain('{"data":"finished"}')
    expect(answer).toContain('connection: close')
    expect(events).toEqual(['connectors closed with 0 connections open'])
    agent.destroy()
  })

  test('cuts what is not finished when the grace is over, and still closes the connectors', async () => {
    const { edge, arrived } = await startSlow()
    const slow = converse(edge.port, REQUEST + REQUEST)
    const half = converse(edge.port, 'GET /graphql HTTP/1.1\r\n')
    await arrived
    let closed = false
    const close = async () => {
      closed = true
    }
    await createShutdown({ servers: [edge.app], graceMs: 50, close }).stop()
    expect(await Promise.all([slow.closed, half.closed])).toEqual(['', ''])
    expect([closed, await openConnections(edge)]).toEqual([true, 0])
  })

  test('waits for no connection over which nothing has come', async () => {
    const edge = await startEdge({ listen: true })
    const silent = converse(edge.port, '')
    while ((await openConnections(edge)) === 0) await setImmediate()
    await createShutdown({ servers: [edge.app], graceMs: 600_000, close: async () => undefined }).stop()
    expect(await silent.closed).toBe('')
  })

  test('is one stop, however often it is asked for', async () => {
    const edge = await startEdge({ listen: true })
    let closings = 0
    const close = async () => {
      closings += 1
    }
    const shutdown = createShutdown({ servers: [edge.app], graceMs: 1_000, close })
    expect(shutdown.stop()).toBe(shutdown.stop())
    await shutdown.stop()
    expect(closings).toBe(1)
  })

  test('tries every step, and says which ones failed', async () => {
    const edge = await startEdge({ listen: true })
    const failing = {
      drain: async () => undefined,
      close: async () => Promise.reject(new Error('stuck')),
      server: { closeAllConnections: () => undefined },
    }
    const close = async () => {
      throw new Error('no farewell')
    }
    const stopped = createShutdown({ servers: [failing, edge.app], graceMs: 1_000, close }).stop()
    await expect(stopped).rejects.toMatchObject({ errors: [{ message: 'stuck' }, { message: 'no farewell' }] })
    expect(edge.app.server.listening).toBe(false)
  })

  test('of a server that never listened is no trouble', async () => {
    const edge = await startEdge()
    await createShutdown({ servers: [edge.app], graceMs: 1_000, close: async () => undefined }).stop()
  })
})

test('a request that arrives on a drained connection gets the shape of every error', async () => {
  const { edge, arrived, letGo } = await startSlow()
  const kept = converse(edge.port, 'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n')
  await new Promise(resolve => kept.socket.once('data', resolve))
  const slow = converse(edge.port, REQUEST)
  await arrived
  const drained = edge.app.drain()
  kept.socket.write(REQUEST)
  const { status, headers, body } = readAnswer(await kept.closed)
  expect([status, headers['retry-after'], headers['cache-control']]).toEqual([
    503,
    expect.stringMatching(/^[123]$/),
    'no-store',
  ])
  expect(body.errors[0].extensions).toMatchObject({ code: 'SHUTTING_DOWN', requestId: headers['x-request-id'] })
  letGo()
  await Promise.all([drained, slow.closed])
  await edge.app.close()
})

test('a drain does not wait for a client that has left', async () => {
  const { edge, arrived, letGo } = await startSlow()
  const gone = converse(edge.port, REQUEST + REQUEST)
  await arrived
  const drained = edge.app.drain()
  gone.socket.destroy()
  await drained
  letGo()
  await edge.app.close()
})
