import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import { parse as parseGraphql, validate } from 'graphql'
import { parseAllDocuments } from 'yaml'
import { runCommand } from '../../src/commands/command-line.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'
import { readSchema } from '../schema/sdl.ts'
import { settingFaults } from './configuration-shown.ts'
import { readPages, reasonNotToRun, START, TRIED_BY } from './pages.ts'
import { projectPaths, readText } from './project.ts'

/** Every fenced block of every page, without running anything: `test/docs/commands.test.ts` does that. */

const pages = await readPages()
const blocks = pages.flatMap(page => page.blocks.map(block => ({ page: page.name, ...block })))
const among = (...languages: readonly string[]) =>
  blocks
    .filter(({ language }) => languages.includes(language))
    .map(block => [`${block.page}:${block.line}`, block] as const)

test('all are of a kind for which it is known how it is held true', () => {
  const known = ['sh', 'text', 'json', 'yaml', 'graphql', 'ts', 'python', 'sql', 'diff', 'promql', 'mermaid']
  expect(blocks.length).toBeGreaterThan(150)
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([])
  for (const { text } of pages)
    expect(text.match(/^ *```/gm)?.length ?? 0).toBe(2 * (text.match(/^ *```\w/gm)?.length ?? 0))
})

test('what is not run says why, and there is no more of it than this', () => {
  const notRun = blocks.filter(block => block.language === 'sh' && reasonNotToRun(block) !== null)
  expect(notRun.map(block => `${block.page}: ${reasonNotToRun(block)}`)).toEqual([
    'README.md: a check of the project itself',
    'docs/admin-api.md: the statement is yours; test/http/admin-statements.test.ts hands in its own',
    'docs/admin-api.md: the statement is yours; test/http/admin-statements.test.ts tries its own',
    'docs/chaos.md: a check of the project itself',
    'docs/configuration.md: my.yaml is yours; test/commands/config-check.test.ts checks its own',
    'docs/journal.md: it needs PostgreSQL; test/recovery/journal/postgres-store.test.ts makes the table',
    'docs/last-known-good.md: whoever sits at the terminal is asked',
    'docs/partners/README.md: there is no issuer at this address',
    'docs/performance.md: a check of the project itself',
    'docs/runbooks/alerts/breaker-open.md: it needs the servers of a site; test/app/production.test.ts checks one',
    'docs/runbooks/alerts/evidence-expiring-soon.md: the keys are those of two people; test/commands/attest.test.ts renews',
    'docs/runbooks/alerts/foreign-rows.md: it needs the servers of a site; test/app/production.test.ts checks one',
    'docs/runbooks/alerts/issuer-keys-unusable.md: there is no issuer at this address',
    'docs/runbooks/alerts/journal-not-verified.md: the pinned keys are kept by a site; test/commands/journal.test.ts verifies',
    'docs/status.md: whoever sits at the terminal is asked',
    'docs/subscriptions.md: it waits for an opening; test/e2e/first-start.test.ts follows one',
    'docs/volumes.md: it makes millions of rows; test/demo/generate.test.ts makes fewer',
    'docs/webhooks.md: the endpoint is yours; test/commands/webhook.test.ts has its own',
    'docs/webhooks.md: the endpoint is yours; test/commands/webhook.test.ts has its own',
    'docs/workers.md: it needs the servers of a site; test/app/workers.test.ts starts workers',
  ])
})

test('what is not run here names the suite that tries it as a file that is there', async () => {
  const paths = await projectPaths()
  for (const block of blocks)
    for (const [path] of (reasonNotToRun(block) ?? '').matchAll(/test\/[\w/.-]+\.ts/g)) expect(paths).toContain(path)
})

test('an operators’ command that is not run has the options that it shows', async () => {
  const scripts = blocks.filter(block => block.language === 'sh' && reasonNotToRun(block) !== null)
  const commands = scripts.flatMap(({ text }) => text.match(/^recovery-gateway [^|>\n]*/gm) ?? [])
  expect(commands.length).toBeGreaterThan(8)
  for (const command of commands) {
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
    const io = createRecordedIo()
    // Help comes only after all options are known.
    const code = await runCommand([...args.slice(1), '--help'], io)
    expect([command, code, io.written.stderr]).toEqual([command, 0, ''])
  }
})

test.each(Object.entries(TRIED_BY))('%s is tried by %s', async (page, suite) => {
  expect(await readText(suite)).toMatch(new RegExp(`${page}|from '[./\\w-]*-page\\.ts'`))
  expect(pages.map(({ name }) => name)).toContain(page)
})

describe('GraphQL', () => {
  const schema = readSchema()
  // What a recipe tries has fields that are not there yet.
  test.each(among('graphql').filter(([, { page }]) => !(page in TRIED_BY)))('%s fits the schema', (_, { text }) => {
    expect(validate(schema, parseGraphql(text)).map(({ message }) => message)).toEqual([])
  })
})

test.each(among('json'))('%s is JSON', (_, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow()
})

describe('YAML', () => {
  /** Of a site's Prometheus, and claims of a statement: `test/commands/operators-road.test.ts` holds these to a file. */
  const others = ['docs/metrics.md', 'docs/operators.md']

  test.each(among('yaml'))('%s has settings that there are', (_, { page, text }) => {
    const documents = [parseAllDocuments(text)].flat()
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    if (!others.includes(page) && !(page in TRIED_BY))
      expect(documents.flatMap(document => settingFaults(document.toJS()))).toEqual([])
  })
})

describe('excerpts', () => {
  const excerpts = blocks.filter(({ page, info }) => info.includes('/') && !(page in TRIED_BY))
  test.each(excerpts.map(block => [`${block.page}:${block.line}`, block] as const))(
    '%s is in its file',
    async (_, block) => {
      expect(await projectPaths()).toContain(block.info)
      expect(await readText(block.info)).toContain(block.text)
    },
  )

  test('are what programs stand in pages as, or are whole', () => {
    for (const { page, line, language, info, text } of blocks) {
      if (language === 'python' && !(page in TRIED_BY))
        expect([page, line, info]).toEqual([page, line, expect.stringContaining('.py')])
      if (language === 'ts') expect(() => stripTypeScriptTypes(text)).not.toThrow()
    }
  })
})

test('the sandbox is started as the pages say', () => {
  expect(blocks.filter(({ text }) => text === START).map(({ page }) => page)).toEqual([
    'README.md',
    'docs/partners/README.md',
  ])
})
