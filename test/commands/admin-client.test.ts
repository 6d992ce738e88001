import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAdminClient } from '../../src/commands/admin-client.ts'

let server: Server | null = null
afterEach(() => new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve())))

async function listen(handler: RequestListener): Promise<string> {
  const listening = createServer(handler)
  server = listening
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

const answering =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { connection: 'close' }).end(typeof body === 'string' ? body : JSON.stringify(body))

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('the address', () => {
  test.each([
    [undefined, {}, 'http://127.0.0.1:4001'],
    [undefined, { ADMIN_PORT: '1' }, 'http://127.0.0.1:1'],
    [undefined, { ADMIN_URL: 'http://127.0.0.1:2/', ADMIN_PORT: '1' }, 'http://127.0.0.1:2'],
    ['http://127.0.0.1:3', { ADMIN_URL: 'http://127.0.0.1:2' }, 'http://127.0.0.1:3'],
  ])('%j in %j is %s', async (given, env, address) => {
    await expect(createAdminClient(given, { env }).status()).rejects.toThrow(address)
  })

  test.each(['127.0.0.1:4001', 'ftp://x', 'http://user@x', 'http://x/?a', ''.padEnd(3)])('%j is none', given => {
    expect(() => createAdminClient(given, { env: {} })).toThrow('must be the URL of an admin listener')
  })
})

describe('what goes wrong is said in words', () => {
  test('nothing listens there', async () => {
    const url = await listen(answering(200, {}))
    await new Promise(resolve => server?.close(resolve))
    server = null
    await expect(createAdminClient(url, { env: {} }).status()).rejects.toThrow(
      `nothing listens at ${url}: start the gateway, or name its admin listener (--admin URL, ADMIN_URL, ADMIN_PORT)`,
    )
  })

  test.each([
    [200, 'It works!'],
    [404, { errors: [] }],
    [200, '"text"'],
  ])('something else listens there: %d %j', async (status, body) => {
    const url = await listen(answering(status, body))
    await expect(createAdminClient(url, { env: {} }).status()).rejects.toThrow(
      `${url}/status: answered ${status} and not as an admin listener does`,
    )
  })

  test('the listener says why it does not answer', async () => {
    const url = await listen(answering(429, { code: 'RATE_LIMITED', message: 'At most 16 at a time.' }))
    await expect(createAdminClient(url, { env: {} }).check('PARTS_LOGISTICS', 'OPEN')).rejects.toThrow(
      `${url}/systems/parts-logistics/check?to=OPEN: refused with 429 RATE_LIMITED: At most 16 at a time.`,
    )
  })

  test('a redirection is not followed', async () => {
    const url = await listen((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    await expect(createAdminClient(url, { env: {} }).partners()).rejects.toThrow(`${url}: cannot be asked`)
  })
})

test('the journal is read page by page to its end', async () => {
  const asked: (string | undefined)[] = []
  const url = await listen((request, response) => {
    asked.push(request.url)
    const isFirst = request.url?.includes('after=3')
    const page = isFirst
      ? { rows: [{ sequence: 4 }, { sequence: 5 }], next: 5 }
      : { rows: [{ sequence: 6 }], next: null }
    answering(200, page)(request, response)
  })
  const rows = await all(createAdminClient(url, { env: {} }).journal(3))
  expect(rows.map(({ sequence }) => sequence)).toEqual([4, 5, 6])
  expect(asked).toEqual(['/journal?after=3&limit=500', '/journal?after=5&limit=500'])
})

test('a journal that does not go on is not asked for ever', async () => {
  const url = await listen(answering(200, { rows: [], next: 0 }))
  await expect(all(createAdminClient(url, { env: {} }).journal(0))).rejects.toThrow('does not go on after entry 0')
})

test('a statement that is refused while the journal is out of reach is an answer', async () => {
  const refusal = { code: 'JOURNAL_OUT_OF_REACH', message: 'try again', guards: [] }
  const url = await listen(answering(503, refusal))
  await expect(createAdminClient(url, { env: {} }).submit('a.b.c')).resolves.toEqual({ kind: 'refused', refusal })
})
