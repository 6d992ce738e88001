import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runExample } from './running.ts'
import { BREAKS_OFF, BUSY, GOOD, type Performed, refused, type Scripted, scriptedGateway } from './scripted-gateway.ts'

/** What the examples with curl make of answers that break off, are refused, or have not changed. */

const DOCUMENT = 'examples/curl/documents/restart.graphql'
/** As curl names none. */
const NO_TAG = '""'
const OTHER: Scripted = { status: 200, headers: { etag: 'W/"2"' }, body: { data: { partAvailability: null } } }

const gateway = scriptedGateway()

describe('examples/curl/ask.sh', () => {
  const ask = (...args: readonly string[]) =>
    runExample('examples/curl/ask.sh', args, { TOKEN: 'a-token', GATEWAY_URL: gateway.url })

  test('asks what is too long for a URL, whatever is in it, and again after what will pass', async () => {
    await gateway.script([BUSY, GOOD])
    const document = join(await mkdtemp(join(tmpdir(), 'recovery-gateway-document-')), 'long.graphql')
    const text = `query Long {\r\n\t# & "quoted" \\ ${'x'.repeat(20_000)}\n  a\n}`
    await writeFile(document, text)
    const { code, stdout } = await ask(document, '{"partNumbers":["LR1"]}')
    expect([code, JSON.parse(stdout)]).toEqual([0, GOOD.body])
    expect(gateway.requests.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual(
      Array(2).fill(['POST', '/graphql', { query: text, variables: { partNumbers: ['LR1'] } }]),
    )
    await rm(dirname(document), { recursive: true })
  })

  test('asks nothing where there is no such file', async () => {
    await gateway.script([GOOD])
    const { code, stderr } = await ask('nofile.graphql')
    expect([code, stderr]).toEqual([2, 'takes a file with a GraphQL query, and not: nofile.graphql\n'])
    expect(gateway.requests).toEqual([])
  })
})

describe('examples/curl/cached.sh', () => {
  let cache: string
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'recovery-gateway-answers-'))
  })
  afterEach(() => rm(cache, { recursive: true }))

  /** The same question as often as there are answers; what it showed, and the tag that it named. */
  async function ask(...answers: readonly (Scripted | Performed)[]) {
    await gateway.script(answers)
    const shown: unknown[] = []
    for (const _ of answers) {
      const environment = { TOKEN: 'a-token', GATEWAY_URL: gateway.url, CACHE: cache }
      const { code, stdout } = await runExample('examples/curl/cached.sh', [DOCUMENT], environment)
      shown.push(code === 0 ? JSON.parse(stdout) : code)
    }
    return { shown, tags: gateway.requests.map(({ headers }) => headers['if-none-match']) }
  }

  test('shows the answer that it has where nothing has changed', async () => {
    const { shown, tags } = await ask(GOOD, { status: 304 }, OTHER, { status: 304 })
    expect(shown).toEqual([GOOD.body, GOOD.body, OTHER.body, OTHER.body])
    expect(tags).toEqual([NO_TAG, 'W/"1"', 'W/"1"', 'W/"2"'])
  })

  test('keeps no tag of an answer that broke off', async () => {
    const { shown, tags } = await ask(GOOD, BREAKS_OFF, OTHER)
    expect(shown).toEqual([GOOD.body, 18, OTHER.body])
    expect(tags).toEqual([NO_TAG, 'W/"1"', 'W/"1"'])
  })

  test('keeps what it has where it is refused, and nothing of its own runs', async () => {
    const { shown, tags } = await ask(GOOD, { status: 401, body: refused('UNAUTHENTICATED') }, { status: 304 })
    expect(shown).toEqual([GOOD.body, 22, GOOD.body])
    expect(tags).toEqual([NO_TAG, 'W/"1"', 'W/"1"'])
    expect((await readdir(cache)).map(name => name.replace(/^\w+/, ''))).toEqual(['.etag', '.json'])
  })

  test('forgets the tag with an answer that has none', async () => {
    const { shown, tags } = await ask(GOOD, { status: 200, body: OTHER.body }, GOOD)
    expect(shown).toEqual([GOOD.body, OTHER.body, GOOD.body])
    expect(tags).toEqual([NO_TAG, 'W/"1"', NO_TAG])
  })
})
