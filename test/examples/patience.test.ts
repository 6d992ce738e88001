import { describe, expect, test } from '@jest/globals'
import { createPatientFetch } from '../../examples/typescript/src/patient-fetch.ts'
import { describeWith } from '../support/needs.ts'
import { runExample, runPython } from './running.ts'
import {
  BREAKS_OFF,
  BUSY,
  type Came,
  GOOD,
  NOTHING,
  type Performed,
  refused,
  type Scripted,
  scriptedGateway,
} from './scripted-gateway.ts'

/** What the examples do where the gateway asks them to wait, or says that nothing has changed. The answers are scripted. */

const gateway = scriptedGateway()

async function scripted(...answers: readonly (Scripted | Performed)[]) {
  await gateway.script(answers)
  return gateway
}

/** As the budget of a minute is refused at its beginning. */
const NEXT_MINUTE: Scripted = { status: 429, headers: { 'retry-after': '65' }, body: refused('RATE_LIMITED') }
const SPENT: Scripted = { status: 429, headers: { 'retry-after': '3600' }, body: refused('RATE_LIMITED') }

describe('createPatientFetch', () => {
  const patient = createPatientFetch({ token: () => 'a-token' })
  const get = { method: 'GET' } as const

  test('asks again after what will pass, with its token', async () => {
    const { url, requests } = await scripted(BUSY, NOTHING, GOOD)
    expect(await (await patient(url, get)).json()).toEqual(GOOD.body)
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer a-token'))
  })

  test('waits for the next minute where the budget of this one is spent', async () => {
    const { url } = await scripted(NEXT_MINUTE, GOOD)
    const waits: number[] = []
    const patient = createPatientFetch({ token: () => '', wait: async ms => void waits.push(ms) })
    expect((await patient(url, get)).status).toBe(200)
    expect(waits).toEqual([expect.any(Number)])
    expect(waits[0]).toBeGreaterThanOrEqual(65_000)
    expect(waits[0]).toBeLessThan(66_000)
  })

  test('gives up after as many tries as it was told, with the last answer', async () => {
    const { url, requests } = await scripted(BUSY)
    expect((await createPatientFetch({ token: () => '', tries: 2 })(url, get)).status).toBe(503)
    expect(requests).toHaveLength(2)
  })

  test.each([
    ['what takes longer than it has', SPENT],
    ['what will not pass', { status: 400, body: refused('COST_LIMIT') }],
  ])('does not wait for %s', async (_, answer) => {
    const { url, requests } = await scripted(answer)
    expect((await patient(url, get)).status).toBe(answer.status)
    expect(requests).toHaveLength(1)
  })

  test('names the tag of the last answer to a GET, and gives that answer again where nothing has changed', async () => {
    const { url, requests } = await scripted(GOOD, { status: 304 })
    for (const _ of ['first', 'second']) {
      const answer = await patient(url, get)
      expect([answer.status, await answer.json()]).toEqual([200, GOOD.body])
    }
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, 'W/"1"'])
  })

  test('says of an answer that has not changed what is left to spend now', async () => {
    const left = (count: number) => ({ etag: 'W/"1"', ratelimit: `"cost";r=${count};t=58` })
    const { url } = await scripted({ ...GOOD, headers: left(90) }, { status: 304, headers: left(80) })
    await patient(url, get)
    const { headers } = await patient(url, get)
    expect([headers.get('ratelimit'), headers.get('content-type')]).toEqual(['"cost";r=80;t=58', 'application/json'])
  })

  test('has the answer that has not changed, though it was let go while it was asked for', async () => {
    const { url } = await scripted(GOOD, BUSY, ...Array(200).fill(GOOD), { status: 304 })
    const others = Array.from({ length: 200 }, (_, index) => `${url}?other=${index}`)
    const patient = createPatientFetch({
      token: () => '',
      wait: () => Promise.all(others.map(url => patient(url, get))),
    })
    await patient(url, get)
    expect(await (await patient(url, get)).json()).toEqual(GOOD.body)
  })

  test('takes a request that is made already', async () => {
    const { url, requests } = await scripted(BUSY, GOOD)
    const request = new Request(url, { method: 'POST', body: '{"query":"{ a }"}', headers: { 'x-mine': 'kept' } })
    expect((await patient(request)).status).toBe(200)
    expect(requests.map(({ method, body, headers }) => [method, body, headers['x-mine']])).toEqual(
      Array(2).fill(['POST', '{"query":"{ a }"}', 'kept']),
    )
  })

  test('asks by POST what is too long for a URL', async () => {
    const { url, requests } = await scripted(GOOD)
    const variables = { partNumbers: Array.from({ length: 2_000 }, (_, index) => `LR${index}`) }
    const asked = { documentId: 'abc', variables: JSON.stringify(variables), extensions: '{"a":1}' }
    await patient(`${url}?${new URLSearchParams(asked)}`, { ...get, headers: { accept: 'application/json' } })
    const [{ method, url: path, headers, body }] = requests as [Came]
    expect([method, path, headers['content-type'], headers.accept]).toEqual([
      'POST',
      '/graphql',
      'application/json',
      'application/json',
    ])
    expect(JSON.parse(body)).toEqual({ documentId: 'abc', variables, extensions: { a: 1 } })
  })

  test('names no tag with a POST', async () => {
    const { url, requests } = await scripted(GOOD)
    for (const _ of ['first', 'second']) await patient(url, { method: 'POST', body: '{}' })
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined])
  })
})

describeWith(['python'], 'the Python examples', () => {
  const enquire = (url: string) =>
    runExample('examples/python/stock_enquiry.py', ['LR106259'], { TOKEN: 'a-token', GATEWAY_URL: url })

  /** With a client of one's own. */
  const ask = (url: string, client: string) =>
    runPython(`import sys; from gateway import Gateway; url = sys.argv[1]; print(${client}.ask('{ a }').data)`, url)

  test('ask again after what will pass', async () => {
    const { url, requests } = await scripted(BUSY, NOTHING, GOOD)
    expect(await enquire(url)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer a-token'))
  })

  test('wait for the next minute where the budget of this one is spent', async () => {
    const { url } = await scripted(NEXT_MINUTE, GOOD)
    const { stdout, stderr } = await ask(
      url,
      "Gateway(lambda refused: '', url, sleep=lambda seconds: print(int(seconds)))",
    )
    expect({ stdout, stderr }).toEqual({ stdout: "65\n{'partAvailability': []}\n", stderr: '' })
  })

  test.each<[string, Scripted | Performed]>([
    ['a page of something in between', { status: 200, body: '<html></html>' }],
    ['an answer that breaks off', BREAKS_OFF],
  ])('ask again after %s', async (_, answer) => {
    const { url, requests } = await scripted(answer, GOOD)
    expect(await enquire(url)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(requests).toHaveLength(2)
  })

  test.each<[string, Scripted | Performed, string]>([
    ['a page of something in between', { status: 200, body: '<html></html>' }, 'Refused 200 no GraphQL answer'],
    ['an answer that breaks off', BREAKS_OFF, 'ConnectionError the answer is not whole'],
  ])('say %s after the last try, and end', async (_, answer, said) => {
    const { url, requests } = await scripted(answer)
    const { stdout, stderr } = await runPython(
      [
        'import sys',
        'from gateway import Gateway, Refused',
        "try: Gateway(lambda refused: '', sys.argv[1], tries=2, sleep=lambda seconds: None).ask('{ a }')",
        'except (Refused, OSError) as problem: print(type(problem).__name__, problem)',
      ].join('\n'),
      url,
    )
    expect([stdout, stderr, requests.length]).toEqual([expect.stringContaining(said), '', 2])
  })

  test.each([
    ['what takes longer than they have', SPENT, '429 RATE_LIMITED'],
    ['what will not pass', { status: 400, body: refused('COST_LIMIT') }, '400 COST_LIMIT'],
    ['what is no answer of a gateway', { status: 404, body: 'nothing here' }, '404 no GraphQL answer'],
  ])('say %s, and end', async (_, answer, said) => {
    const { url, requests } = await scripted(answer)
    const { code, stderr } = await enquire(url)
    expect([code, stderr, requests.length]).toEqual([1, expect.stringContaining(said), 1])
    expect(stderr).not.toContain('Traceback')
  })

  test('tell what is null and why, and what is of an earlier time', async () => {
    const warnings = [{ code: 'LAST_KNOWN_GOOD', message: 'What it gave last.', readAt: '2025-10-08T06:00:00.000Z' }]
    const { url } = await scripted({
      status: 200,
      body: {
        data: { partAvailability: null },
        ...refused('SYSTEM_NOT_OPEN', { retryAfter: 'noon' }),
        extensions: { warnings },
      },
    })
    const { stdout } = await enquire(url)
    expect(stdout).toBe(
      'SYSTEM_NOT_OPEN: SYSTEM_NOT_OPEN Ask again at noon.\nLAST_KNOWN_GOOD: What it gave last. It is of 2025-10-08T06:00:00.000Z.\n',
    )
  })
})
