import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GatewayError } from '../../src/model/errors.ts'
import { converse, startEdge, TOKEN } from './edge.ts'

const ASKING = `GET /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`

/** The lines that one request leaves, with what its route says of it. */
async function linesOf(audit: object, sent = ASKING) {
  const edge = await startEdge({
    listen: true,
    handler: async request => {
      Object.assign(request.audit, audit)
      return { data: null }
    },
    prepare: app => app.get('/parts/:number', async () => ({})),
  })
  await converse(edge.port, sent).closed
  await edge.app.close()
  return edge.lines
}

test('what the routes say of a request stands in its line', async () => {
  const audit = {
    partner: 'BPNL00000R000121',
    client: 'sample-retailer',
    operation: 'Enquiry',
    cost: 805,
    answer: 'SHARED',
    codes: ['SYSTEM_NOT_OPEN', 'DATA_TOO_OLD'],
  }
  expect(await linesOf(audit)).toMatchObject([{ message: 'request', status: 200, ...audit }])
})

test('what nobody has said does not stand there', async () => {
  const [line = {}] = await linesOf({ partner: null, client: null })
  for (const name of ['partner', 'client', 'operation', 'cost', 'answer', 'codes'])
    expect(line).not.toHaveProperty(name)
})

test('no word of a partner makes a second line or member, or is longer than a name is', async () => {
  const words = fc.sample(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2_000 }),
      fc.constantFrom('a","status":500,"b":"', '\n{"level":"error"}', '\u2028', '\u009b31m', 'Bearer abcdefgh', '\\'),
    ),
    20,
  )
  for (const word of words) {
    const [line, ...more] = await linesOf({ operation: word, client: word, codes: [word] })
    expect(more).toEqual([])
    expect(line).toMatchObject({ level: 'info', message: 'request', status: 200, route: '/graphql' })
    expect(String(line?.operation).length).toBeLessThanOrEqual(1_300)
    expect(JSON.stringify(line)).not.toMatch(/abcdefgh/)
  }
})

describe('the route in the line', () => {
  const at = (path: string) => ASKING.replace('/graphql', path)

  test.each([
    ['/graphql?query=only-the-partner-knows', '/graphql'],
    ['/parts/only-the-partner-knows', '/parts/:number'],
    ['/only-the-partner-knows', null],
  ])('of %s is %j', async (path, route) => {
    const lines = await linesOf({}, at(path))
    expect(lines).toMatchObject([{ route }])
    expect(JSON.stringify(lines)).not.toContain('only-the-partner-knows')
  })
})

test('a refusal says its code', async () => {
  const edge = await startEdge({
    listen: true,
    handler: async () => {
      throw new GatewayError('RATE_LIMITED', 'Too much.')
    },
  })
  await converse(edge.port, ASKING).closed
  await converse(edge.port, 'GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed
  await edge.app.close()
  expect(edge.lines).toMatchObject([
    { status: 429, codes: ['RATE_LIMITED'] },
    { status: 404, codes: ['NOT_FOUND'] },
  ])
})
