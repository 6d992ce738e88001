import { afterEach, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { createAdminServer, type Readiness } from '../../src/http/admin/listener.ts'
import { createLog } from '../../src/observe/log.ts'
import { watched } from '../support/watched-logs.ts'

let app: FastifyInstance
afterEach(() => app.close())

function start(readiness: () => Promise<Readiness>, lines: string[] = []): FastifyInstance {
  const log = createLog({ level: 'info', destination: watched(line => void lines.push(line)) })
  app = createAdminServer({ readiness, metrics: () => 'up 1\n', operator: null, log })
  return app
}

const ready = async () => ({ ready: true, systems: { PARTS_LOGISTICS: 'reachable' } })

describe('the admin listener', () => {
  test('is live while it serves, even when it is not ready', async () => {
    const answer = await start(async () => ({ ready: false })).inject('/health/live')
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'live' }])
  })

  test('is ready with the state of each system', async () => {
    const answer = await start(ready).inject('/health/ready')
    expect([answer.statusCode, answer.json()]).toEqual([200, await ready()])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('says 503 with the same detail when it is not', async () => {
    const state = { ready: false, systems: { PARTS_LOGISTICS: 'unreachable' } }
    const answer = await start(async () => state).inject('/health/ready')
    expect([answer.statusCode, answer.json()]).toEqual([503, state])
  })

  test('keeps the reason of a failed check to the log', async () => {
    const lines: string[] = []
    const answer = await start(async () => Promise.reject(new Error('10.0.0.3 refused')), lines).inject('/health/ready')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('10.0.0.3')
    expect(lines.join()).toContain('10.0.0.3')
  })

  test('gives metrics as text', async () => {
    const answer = await start(ready).inject('/metrics')
    expect([answer.headers['content-type'], answer.body]).toEqual([
      'text/plain; version=0.0.4; charset=utf-8',
      'up 1\n',
    ])
  })

  test.each(['/graphql', '/', '/health'])('has nothing at %s', async url => {
    const answer = await start(ready).inject(url)
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }])
  })
})
