import { type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAdminServer } from '../../src/http/admin/listener.ts'
import { createLog } from '../../src/observe/log.ts'
import { watched } from '../support/watched-logs.ts'
import { type AdminUnderTest, startAdmin, TOKEN } from './admin-desk.ts'

let admin: AdminUnderTest
afterEach(() => admin.app.close())

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Over a real connection, with the headers as a browser or a proxy would send them. */
function ask(
  path: string,
  headers: Record<string, string> | readonly string[],
  method = 'GET',
  body = '',
): Promise<Answer> {
  const { port } = admin.app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, incoming => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function listen(host?: string) {
  admin = startAdmin(host === undefined ? {} : { host })
  await admin.app.listen({ host: '127.0.0.1', port: 0 })
  return (admin.app.server.address() as AddressInfo).port
}

describe("a page in a browser on the gateway's own machine", () => {
  test.each([
    ['of another origin', { origin: 'https://news.example' }],
    ['of the listener itself', { origin: 'http://127.0.0.1:4001' }],
    ['in a sandbox', { origin: 'null' }],
    ['that fetches across sites', { 'sec-fetch-site': 'cross-site' }],
    ['on the same host', { 'sec-fetch-site': 'same-site' }],
    ['of the same origin', { 'sec-fetch-site': 'same-origin' }],
    ['whose name was rebound to loopback', { host: 'rebound.example:4001' }],
    ['whose name looks like loopback', { host: '127.0.0.1.rebound.example' }],
    ['whose name begins with localhost', { host: 'localhost.rebound.example' }],
  ])('%s reads nothing and hands nothing in', async (_page, headers) => {
    await listen()
    for (const answer of [
      await ask('/status', headers),
      await ask('/journal', headers),
      await ask('/statements', { ...headers, 'content-type': 'application/jose' }, 'POST', TOKEN),
      await ask('/statements', { ...headers, 'access-control-request-method': 'POST' }, 'OPTIONS'),
    ]) {
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'FORBIDDEN'])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
    expect(admin.asked).toEqual([])
    expect(admin.lines.map(({ level }) => level)).toEqual(Array(4).fill('warn'))
  })
})

describe('an operator on the machine', () => {
  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '127.0.0.2', '[::1]', '127.1'])('asks %s', async name => {
    const port = await listen()
    for (const host of [name, `${name}:${port}`]) expect((await ask('/status', { host })).status).toBe(200)
  })

  test('may look with a browser by typing the address', async () => {
    await listen()
    expect((await ask('/status', { 'sec-fetch-site': 'none' })).status).toBe(200)
  })
})

describe('a listener on another address', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3:4001', 200],
    ['10.1.2.3', '10.1.2.4:4001', 403],
    ['admin.internal', 'ADMIN.internal', 200],
    ['fd00::7', '[fd00::7]:4001', 200],
    ['0.0.0.0', '10.1.2.3:4001', 200],
    ['::', '[fd00::7]', 200],
    ['0.0.0.0', 'rebound.example', 403],
    ['0.0.0.0', 'localhost', 200],
  ])('%s, asked as %s, answers %d', async (configured, host, status) => {
    await listen(configured)
    expect((await ask('/status', { host })).status).toBe(status)
  })
})

test('a request that two readers could take in two ways is refused', async () => {
  await listen()
  const answer = await ask('/status', ['host', '127.0.0.1', 'host', 'rebound.example'])
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'BAD_REQUEST'])
})

test('the platform probes health and metrics under any Host', async () => {
  await listen()
  for (const path of ['/health/live', '/health/ready', '/metrics'])
    expect((await ask(path, { host: 'pod-7.cluster.example' })).status).toBe(200)
})

test('a restart without a journal here has no routes for operators', async () => {
  const log = createLog({ level: 'error', destination: watched(() => {}) })
  const app = createAdminServer({ log, readiness: async () => ({ ready: true }), metrics: () => '', operator: null })
  admin = { app, asked: [], lines: [] }
  for (const url of ['/status', '/partners', '/journal', '/journal/checkpoint', '/systems/parts-logistics/check'])
    expect((await app.inject(url)).statusCode).toBe(404)
  expect((await app.inject({ method: 'POST', url: '/statements' })).statusCode).toBe(404)
  expect((await app.inject('/health/live')).statusCode).toBe(200)
})
