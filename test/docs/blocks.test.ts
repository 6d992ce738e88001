import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import { parse as parseGraphql, validate } from 'graphql'
import { parseAllDocuments } from 'yaml'
import { readSchema } from '../schema/sdl.ts'
import { readPages, reasonNotToRun, START, TRIED_BY } from './pages.ts'
import { projectPaths, readText } from './project.ts'

/** Every fenced block of every page, without running anything: `test/docs/commands.test.ts` does that. */

const pages = await readPages()
const blocks = pages.flatMap(page => page.blocks.map(block => ({ page: page.name, ...block })))
const among = (...languages: readonly string[]) =>
  blocks.filter(({ language }) => languages.includes(language)).map(block => [`${block.page}:${block.line}`, block] as const)

test('all are of a kind for which it is known how it is held true', () => {
  const known = ['sh', 'text', 'json', 'yaml', 'graphql', 'ts', 'python', 'sql', 'diff', 'promql', 'mermaid']
  expect(blocks.length).toBeGreaterThan(150)
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([])
  for (const { text } of pages) expect(text.match(/^ *```/gm)?.length ?? 0).toBe(2 * (text.match(/^ *```\w/gm)?.length ?? 0))
})

test('what is not run says why, and there is no more of it than this', () => {
  const notRun = blocks.filter(block => block.language === 'sh' && reasonNotToRun(block) !== null)
  expect(notRun.map(block => `${block.page}: ${reasonNotToRun(block)}`)).toEqual([
    'docs/partners/README.md: there is no issuer at this address',
  ])
})

test('what is not run here names the suite that tries it as a file that is there', async () => {
  const paths = await projectPaths()
  for (const block of blocks)
    for (const [path] of (reasonNotToRun(block) ?? '').matchAll(/test\/[\w/.-]+\.ts/g)) expect(paths).toContain(path)
})

test.each(Object.entries(TRIED_BY))('%s is tried by %s', async (page, suite) => {
  expect(await readText(suite)).toMatch(/from '[./\w-]*-page\.ts'/)
  expect(pages.map(({ name }) => name)).toContain(page)
})

describe('GraphQL', () => {
  const schema = readSchema()
  test.each(among('graphql'))('%s fits the schema', (_, { text }) => {
    expect(validate(schema, parseGraphql(text)).map(({ message }) => message)).toEqual([])
  })
})

test.each(among('json'))('%s is JSON', (_, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow()
})

test.each(among('yaml'))('%s is YAML', (_, { text }) => {
  expect([parseAllDocuments(text)].flat().flatMap(({ errors }) => errors)).toEqual([])
})

describe('excerpts', () => {
  const excerpts = blocks.filter(({ page, info }) => info.includes('/') && !(page in TRIED_BY))
  test.each(excerpts.map(block => [`${block.page}:${block.line}`, block] as const))('%s is in its file', async (_, block) => {
    expect(await projectPaths()).toContain(block.info)
    expect(await readText(block.info)).toContain(block.text)
  })

  test('are what programs stand in pages as, or are whole', () => {
    for (const { page, line, language, info, text } of blocks) {
      if (language === 'python') expect([page, line, info]).toEqual([page, line, expect.stringContaining('.py')])
      if (language === 'ts') expect(() => stripTypeScriptTypes(text)).not.toThrow()
    }
  })
})

test('the sandbox is started as the pages say', () => {
  expect(blocks.filter(({ text }) => text === START).map(({ page }) => page)).toEqual(['README.md', 'docs/partners/README.md'])
})
