import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { auditServer } from 'graphql-http'
import { startGateway, type TestGateway } from '../support/gateway.ts'

/** GraphQL over HTTP as partners' clients speak it. */

let gateway: TestGateway
let token: string
let url: string
beforeAll(async () => {
  gateway = await startGateway()
  url = `${await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })}/graphql`
  token = await gateway.issuer.sign({
    clientId: 'sample-internal',
    scopes: ['restart:read', 'schema:read', 'parts:read'],
    lifetimeSeconds: 600,
  })
})
afterAll(() => gateway.close())

async function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe('the GraphQL over HTTP specification', () => {
  test('is met: graphql-http finds no error', async () => {
    const results = await auditServer({
      url,
      fetchFn: (input: string | URL, init: RequestInit = {}) =>
        fetch(input, {
          ...init,
          headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` },
        }),
    })
    const short = results.map(
      result => `${result.status} ${result.id} ${result.name}${'reason' in result ? ` (${result.reason})` : ''}`,
    )
    expect(short.filter(line => line.startsWith('error'))).toEqual([])
    expect(short.filter(line => !line.startsWith('ok'))).toEqual([])
  })
})
