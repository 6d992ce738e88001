import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createPoolClient } from '../../src/connectors/postgres/pool-client.ts'

/** Servers that accept a connection and then do what networks do in an incident. */
const sockets = new Set<Socket>()
let server: Server | undefined

async function serve(answer: (socket: Socket) => void): Promise<string> {
  server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `postgres://gateway:not-for-logs@127.0.0.1:${typeof address === 'object' && address?.port}/postgres`
}

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  server?.close()
})

const never = new AbortController().signal

test('a server that accepts and never answers is waited for as long as the caller wants, and no longer', async () => {
  const connectionString = await serve(() => {})
  const client = createPoolClient({ connectionString, connectionTimeoutMs: 20_000 })
  const caller = new AbortController()
  const answer = client.query('SELECT 1', [], caller.signal)
  setImmediate(() => caller.abort(new Error('the deadline has passed')))
  await expect(answer).rejects.toThrow('the deadline has passed')
})

test('a server that accepts and never answers is given up after the connection timeout, by every waiting caller', async () => {
  const connectionString = await serve(() => {})
  const client = createPoolClient({ connectionString, max: 1, connectionTimeoutMs: 100 })
  const answers = await Promise.allSettled([1, 2, 3].map(() => client.query('SELECT 1', [], never)))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await client.close()
})

test('a server that greets and then falls silent is given up, and its connection with it', async () => {
  // AuthenticationOk and ReadyForQuery, as any client may be told; then nothing.
  const greeting = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73])
  const connectionString = await serve(socket => socket.once('data', () => socket.write(greeting)))
  const client = createPoolClient({ connectionString, statementTimeoutMs: 100, connectionTimeoutMs: 20_000 })
  await expect(client.query('SELECT 1', [], never)).rejects.toThrow('timeout')
  await client.close()
})

test('a server that greets and then drips is given up when the time for a statement is over', async () => {
  const greeting = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73])
  // A message whose end never comes, byte by byte.
  const drip = (socket: Socket) => setInterval(() => socket.write('D'), 10).unref()
  const connectionString = await serve(socket =>
    socket.once('data', () => {
      socket.write(greeting)
      const dripping = drip(socket)
      socket.once('close', () => clearInterval(dripping))
    }),
  )
  const client = createPoolClient({ connectionString, statementTimeoutMs: 100, connectionTimeoutMs: 20_000 })
  await expect(client.query('SELECT 1', [], never)).rejects.toThrow('timeout')
  await client.close()
})

test('a server that drips instead of greeting is given up after the connection timeout', async () => {
  const connectionString = await serve(socket => {
    const dripping = setInterval(() => socket.write('R'), 10).unref()
    socket.once('close', () => clearInterval(dripping))
  })
  const client = createPoolClient({ connectionString, connectionTimeoutMs: 100 })
  await expect(client.query('SELECT 1', [], never)).rejects.toThrow(/^no connection to PostgreSQL at .* timeout/)
  await client.close()
})

test('a server without TLS is not talked to in plain text where TLS is due', async () => {
  const said: string[] = []
  const connectionString = await serve(socket =>
    socket.on('data', bytes => {
      said.push(bytes.toString('latin1'))
      socket.write('N')
    }),
  )
  const client = createPoolClient({ connectionString, tls: {}, connectionTimeoutMs: 20_000 })
  await expect(client.query('SELECT 1', [], never)).rejects.toThrow('The server does not support SSL connections')
  expect(said).toHaveLength(1)
  expect(said.join()).not.toContain('gateway')
  await client.close()
})

test('a server that begins TLS and falls silent is given up after the connection timeout', async () => {
  const connectionString = await serve(socket => socket.once('data', () => socket.write('S')))
  const client = createPoolClient({ connectionString, tls: {}, connectionTimeoutMs: 100 })
  await expect(client.query('SELECT 1', [], never)).rejects.toThrow(/^no connection to PostgreSQL at /)
  await client.close()
})

test('a server that closes at once is an error, without the password', async () => {
  const connectionString = await serve(socket => socket.destroy())
  const client = createPoolClient({ connectionString })
  const thrown = await client.query('SELECT 1', [], never).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(Error)
  expect(thrown instanceof Error && `${thrown.stack}${JSON.stringify(thrown)}`).not.toContain('not-for-logs')
  await client.close()
})

test('a statement timeout is a positive whole number of milliseconds', () => {
  for (const statementTimeoutMs of [0, -1, 1.5, Number.NaN])
    expect(() => createPoolClient({ connectionString: 'postgres://localhost', statementTimeoutMs })).toThrow(TypeError)
})
