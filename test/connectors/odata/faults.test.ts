import { describe, expect, test } from '@jest/globals'
import { answer, failureOf, results, type ScriptedServer } from './scripted.ts'
import { START_MS, scriptedParts } from './scripted-parts.ts'

/** What services do on a bad day, and what the connector makes of it. */
const parts = scriptedParts()

describe('an answer that cannot be trusted is SYSTEM_DATA_INVALID, with the reason', () => {
  const cases: readonly (readonly [string, ScriptedServer['script'], string])[] = [
    [
      'a body that is cut by its length',
      (_q, r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
        r.write('{"d":')
        setImmediate(() => r.destroy())
      },
      'broke off',
    ],
    [
      'a chunked body that is cut',
      (_q, r) => {
        r.writeHead(200, { 'content-type': 'application/json' })
        r.write('{"d":')
        setImmediate(() => r.destroy())
      },
      'broke off',
    ],
    ['JSON that is cut and closed properly', (_q, r) => answer(r, 200, '{"d":{"results":['), 'not JSON'],
    [
      'a login page with status 200',
      (_q, r) => answer(r, 200, '<html>Log on</html>', { 'content-type': 'text/html' }),
      'login page',
    ],
    [
      'XML where JSON was asked for',
      (_q, r) => answer(r, 200, '<feed/>', { 'content-type': 'application/atom+xml' }),
      'another media type',
    ],
    ['a list that is none', (_q, r) => answer(r, 200, '{"d":{"results":{}}}'), 'no list'],
    ['an entity that is none', (_q, r) => answer(r, 200, '{"d":{"results":[7]}}'), 'no list'],
    ['two rows with one key', (_q, r) => answer(r, 200, results('LR1', 'LR1')), 'two rows with one key'],
    [
      'bytes that are not UTF-8',
      (_q, r) => {
        r.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22]))
      },
      'UTF-8',
    ],
    [
      'a next page on another host',
      (_q, r) => answer(r, 200, '{"d":{"results":[],"__next":"http://elsewhere.example/PARTS_SRV/Parts"}}'),
      'outside of itself',
    ],
    [
      'a next page in another service',
      (_q, r) => answer(r, 200, '{"d":{"results":[],"__next":"/OTHER_SRV/Parts"}}'),
      'outside of itself',
    ],
    [
      'a next page with credentials',
      (q, r) => answer(r, 200, `{"d":{"results":[],"__next":"http://u:p@${q.headers.host}/PARTS_SRV/Parts"}}`),
      'outside of itself',
    ],
    [
      'an object where a value is meant',
      (_q, r) => answer(r, 200, '{"d":{"results":[{"PartNumber":{"a":1},"ChainEnd":"LR9"}]}}'),
      'PartNumber holds an object',
    ],
    [
      'a list where a value is meant',
      (_q, r) => answer(r, 200, '{"d":{"results":[{"PartNumber":"LR1","ChainEnd":["LR9"]}]}}'),
      'ChainEnd holds an object, a list',
    ],
    [
      'half a character',
      (_q, r) => answer(r, 200, '{"d":{"results":[{"PartNumber":"\\ud800","ChainEnd":"LR9"}]}}'),
      'half a character',
    ],
    ['pages in a circle', (_q, r) => answer(r, 200, '{"d":{"results":[],"__next":"Parts?a"}}'), 'in a circle'],
  ]
  test.each(cases)('%s', async (_name, script, reason) => {
    parts.server.script = script
    const { code, text } = await failureOf(parts.lookup())
    expect(text).toContain(reason)
    expect(code).toBe('SYSTEM_DATA_INVALID')
  })

  test('pages without rows and without end, of which few are asked for', async () => {
    parts.server.script = (_q, response) =>
      answer(response, 200, `{"d":{"results":[],"__next":"Parts?$skiptoken=${parts.server.requests.length}"}}`)
    expect(await failureOf(parts.lookup())).toEqual({
      code: 'SYSTEM_DATA_INVALID',
      text: expect.stringContaining('without end'),
    })
    expect(parts.server.requests.length).toBeLessThan(20)
  })

  test('the same key on two pages', async () => {
    parts.server.script = (_q, response, path) =>
      answer(
        response,
        200,
        path.includes('skip') ? results('LR2', 'LR1') : results('LR1').replace(']', '],"__next":"Parts?$skiptoken=1"'),
      )
    expect(await failureOf(parts.page())).toEqual({
      code: 'SYSTEM_DATA_INVALID',
      text: expect.stringContaining('two rows with one key'),
    })
  })

  test('a service that ignores the cursor and begins again', async () => {
    parts.connector = await parts.open({ pageSize: 2 })
    parts.server.script = (_q, response) => answer(response, 200, results('LR1', 'LR2'))
    expect((await failureOf(parts.page())).code).toBe('SYSTEM_DATA_INVALID')
  })

  test('more bytes than may come, and no more are taken in', async () => {
    parts.connector = await parts.open({ maxBodyBytes: 10_000 })
    let sent = 0
    parts.server.script = (_q, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && sent < 1e8 && response.write(' '.repeat(10_000))) sent += 10_000
      }
      response.on('drain', more).on('error', () => {})
      more()
    }
    expect(await failureOf(parts.lookup())).toEqual({
      code: 'SYSTEM_DATA_INVALID',
      text: expect.stringContaining('maxBodyBytes'),
    })
    expect(sent).toBeLessThan(1e8)
  })
})

describe('an error says what the service said, on one line, without what it was asked', () => {
  const errorBody = (message: string) =>
    JSON.stringify({ error: { code: 'SY/530', message: { lang: 'en', value: message } } })

  test.each([
    [400, 'did not accept the request (400): SY/530: Property … is wrong'],
    [401, 'did not accept the credentials (401)'],
    [403, 'missing right or licence (403)'],
    [404, 'is it active, and is its path right? (404)'],
    [500, 'has failed (500): SY/530'],
  ])('status %i', async (status, said) => {
    parts.server.script = (_q, response) => answer(response, status, errorBody("Property\n'SECRETPART'\tis wrong"))
    const { code, text } = await failureOf(parts.lookup('SECRETPART'))
    expect(code).toBeNull()
    expect(text).toContain(said.replace(' … ', " '…' "))
    expect(text).not.toMatch(/SECRETPART|\n/)
    expect(text).toContain('PARTS_SRV')
  })

  test('a message without end is cut, and V4 has another form', async () => {
    parts.server.script = (_q, response) =>
      answer(response, 500, JSON.stringify({ error: { code: 'X', message: 'long '.repeat(1_000) } }))
    expect((await failureOf(parts.lookup())).text.length).toBeLessThan(500)
  })

  test('an HTML error page is not repeated', async () => {
    parts.server.script = (_q, response) =>
      answer(response, 502, '<h1>proxy at 10.0.0.3</h1>', { 'content-type': 'text/html' })
    expect((await failureOf(parts.lookup())).text).toBe('PARTS_SRV has failed (502)')
  })

  test('an error is told whatever the encoding of the page that was asked for', async () => {
    parts.server.script = (_q, response, path) =>
      path.includes('%E4')
        ? answer(response, 500, errorBody('a short dump'))
        : answer(response, 200, '{"d":{"results":[],"__next":"Parts?$skiptoken=%E4"}}')
    expect((await failureOf(parts.lookup())).text).toBe('PARTS_SRV has failed (500): SY/530: a short dump')
  })

  test('a redirect is not followed', async () => {
    parts.server.script = (_q, response) =>
      answer(response, 302, '', { location: `${parts.server.url}/PARTS_SRV/elsewhere` })
    expect((await failureOf(parts.lookup())).text).toContain('a redirect (302), which is not followed')
    expect(parts.server.requests).toHaveLength(1)
  })
})

describe('a service that asks to be left alone', () => {
  test.each([
    [429, '30', 30_000],
    [503, new Date(START_MS + 20_000).toUTCString(), 20_000],
    [503, '86400', 60_000],
  ])('with %i and Retry-After %s gets no request before, and its one after', async (status, retryAfter, waitMs) => {
    parts.server.script = (_q, response) => answer(response, status, '', { 'retry-after': retryAfter })
    expect((await failureOf(parts.lookup())).text).toContain(`(${status})`)
    expect(parts.connector.warning()).toContain('PARTS_SRV asked for no requests until')
    parts.now += waitMs - 1_000
    expect((await failureOf(parts.lookup())).text).toContain('(Retry-After)')
    expect(parts.server.requests).toHaveLength(1)
    parts.server.script = (_q, response) => answer(response, 200, results('LR1'))
    parts.now += 1_001
    expect((await parts.lookup()).rows).toHaveLength(1)
    expect(parts.connector.warning()).toBeNull()
  })

  test('without saying how long is asked again at once', async () => {
    parts.server.script = (_q, response) => answer(response, 503, '')
    await failureOf(parts.lookup())
    await failureOf(parts.lookup())
    expect(parts.server.requests).toHaveLength(2)
  })
})
