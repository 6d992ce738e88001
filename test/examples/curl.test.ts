import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runExample } from './running.ts'
import {
  GOOD,
  type Performed,
  refused,
  type Scripted,
  type ScriptedGateway,
  startScripted,
} from './scripted-gateway.ts'

/** What the examples with curl make of answers that break off, are refused, or have not changed. */

const DOCUMENT = 'examples/curl/documents/restart.graphql'
/** As curl names none. */
const NO_TAG = '""'
const OTHER: Scripted = { status: 200, headers: { etag: 'W/"2"' }, body: { data: { partAvailability: null } } }

let gateway: ScriptedGateway
afterEach(() => gateway.close())

describe('examples/curl/cached.sh', () => {
  let cache: string
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'recovery-gateway-answers-'))
  })
  afterEach(() => rm(cache, { recursive: true }))

  /** The same question as often as there are answers; what it showed, and the tag that it named. */
  async function ask(...answers: readonly (Scripted | Performed)[]) {
    gateway = await startScripted(answers)
    const shown: unknown[] = []
    for (const _ of answers) {
      const environment = { TOKEN: 'a-token', GATEWAY_URL: gateway.url, CACHE: cache }
      const { code, stdout } = await runExample('examples/curl/cached.sh', [DOCUMENT], environment)
      shown.push(code === 0 ? JSON.parse(stdout) : code)
    }
    return { shown, tags: gateway.requests.map(({ headers }) => headers['if-none-match']) }
  }

  /** With the tag of an answer of which half comes. */
  const breaksOff: Performed = response => {
    response.writeHead(200, { etag: 'W/"2"', 'content-length': 100 })
    response.write('{"data":')
    setTimeout(() => response.destroy(), 50)
  }

  test('shows the answer that it has where nothing has changed', async () => {
    const { shown, tags } = await ask(GOOD, { status: 304 }, OTHER, { status: 304 })
    expect(shown).toEqual([GOOD.body, GOOD.body, OTHER.body, OTHER.body])
    expect(tags).toEqual([NO_TAG, 'W/"1"', 'W/"1"', 'W/"2"'])
  })

  test('keeps no tag of an answer that broke off', async () => {
    const { shown, tags } = await ask(GOOD, breaksOff, OTHER)
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
