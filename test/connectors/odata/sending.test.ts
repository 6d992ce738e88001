import { describe, expect, test } from '@jest/globals'
import type { PageQuery } from '../../../src/systems/connector.ts'
import { partSupersession } from '../../../src/systems/relations/parts-logistics.ts'
import { answer, failureOf, results } from './scripted.ts'
import { scriptedParts } from './scripted-parts.ts'

/** What is sent: how much at once, how long, and until when. */
const never = new AbortController().signal
const parts = scriptedParts()

describe('a caller is not kept waiting', () => {
  test('by a server that drips, however steadily', async () => {
    const dripping = Promise.withResolvers<void>()
    parts.server.script = (_q, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 5)
      response.on('close', () => clearInterval(drip))
      setTimeout(dripping.resolve, 20)
    }
    const caller = new AbortController()
    const attempt = parts.lookup('LR1', caller.signal)
    await dripping.promise
    const reason = new Error('the deadline has passed')
    caller.abort(reason)
    await expect(attempt).rejects.toBe(reason)
  })

  test('by a lookup of which one part has failed: the rest is given up', async () => {
    parts.connector = await parts.open({ maxUrlLength: 500, concurrency: 2 })
    let closed = 0
    const given = Promise.withResolvers<void>()
    parts.server.script = (_q, response, path) => {
      if (path.includes('LR000')) return answer(response, 500, '')
      response.on('close', () => {
        closed += 1
        given.resolve()
      })
    }
    const keys = Array.from({ length: 100 }, (_, n) => [`LR${String(n).padStart(3, '0')}`])
    const query = { columns: ['partNumber'], keys, visible: { kind: 'all' } } as const
    expect((await failureOf(parts.connector.lookup(partSupersession, query, never))).text).toContain('(500)')
    await given.promise
    expect(closed).toBe(1)
    expect(parts.server.requests).toHaveLength(2)
  })
})

test('500 keys are asked for in URLs that are no longer than they may be, each key once', async () => {
  parts.server.script = (_q, response) => answer(response, 200, results())
  const keys = Array.from({ length: 500 }, (_, n) => [`LR${1_000 + n}`])
  await parts.connector.lookup(partSupersession, { columns: ['partNumber'], keys, visible: { kind: 'all' } }, never)
  expect(parts.server.requests.length).toBeGreaterThan(3)
  for (const { path, method } of parts.server.requests) {
    expect(`${parts.server.url}${path}`.length).toBeLessThanOrEqual(2_000)
    expect(method).toBe('GET')
  }
  const asked = parts.server.requests.flatMap(({ path }) => [
    ...(new URL(path, parts.server.url).searchParams.get('$filter') ?? '').matchAll(/PartNumber eq '((?:[^']|'')*)'/g),
  ])
  expect(asked).toHaveLength(500)
  expect(new Set(asked.map(([, key]) => key)).size).toBe(500)
})

test('what would be sent can be seen before anything is', async () => {
  const where = [{ column: 'currentPartNumber', is: 'above', value: "O'Neil" } as const]
  const query: PageQuery = { visible: { kind: 'all' }, where, after: ['LR1'], first: 10 }
  const [request] = parts.connector.explain(partSupersession, { kind: 'page', query })
  expect(decodeURIComponent(request ?? '')).toBe(
    `GET ${parts.server.url}/PARTS_SRV/Parts?$select=PartNumber,ChainEnd&$filter=ChainEnd gt 'O''Neil' and PartNumber gt 'LR1'&$orderby=PartNumber asc&$top=11&$format=json`,
  )
  expect(parts.server.requests).toEqual([])
})
