import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Checkout, createCheckout } from '../e2e/checkout.ts'
import { readText } from './project.ts'

/** The steps of "Add a field" in CONTRIBUTING.md, done in a copy of the project. */

interface Block {
  readonly language: string
  readonly info: string
  readonly text: string
}

let blocks: readonly Block[]
let checkout: Checkout
beforeAll(async () => {
  const [, section = ''] = /^## Add a field$([\s\S]*?)^## /m.exec(await readText('CONTRIBUTING.md')) ?? []
  blocks = [...section.matchAll(/^```(\w+)(?: (.*))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', info = '', text = '']) => ({ language, info, text }),
  )
  checkout = await createCheckout()
})
afterAll(() => checkout?.remove())

describe('adding a field', () => {
  test('takes two changes and a run of the generator, after which the types hold', async () => {
    expect(blocks.map(({ language }) => language)).toEqual(['diff', 'sh', 'diff', 'graphql', 'json'])
    for (const { language, info, text } of blocks) {
      if (language === 'diff') await change(info, text)
      if (language === 'sh') expect(await checkout.run('bash', ['-c', text])).toMatchObject({ code: 0 })
    }
    expect(await checkout.run('npm', ['run', '--silent', 'check:types'])).toMatchObject({ code: 0, stdout: '' })
  })

  test('has it answered as the page says', async () => {
    const of = (wanted: string) => blocks.find(({ language }) => language === wanted)?.text ?? ''
    const program = `
      import { startGateway } from './test/support/gateway.ts'
      const gateway = await startGateway()
      const { body } = await gateway.ask('sample-retailer', { query: ${JSON.stringify(of('graphql'))} })
      console.log(JSON.stringify(body))
      await gateway.close()`
    const env = { TEST_EXTRACTS: process.env.TEST_EXTRACTS ?? '', TEST_LOGS: process.env.TEST_LOGS ?? '' }
    const { stdout, stderr } = await checkout.run(process.execPath, ['--input-type=module', '--eval', program], env)
    expect([stdout && JSON.parse(stdout), stderr]).toEqual([JSON.parse(of('json')), ''])
  })
})

/** Puts what a block of `diff` shows into the file that it names. */
async function change(path: string, diff: string): Promise<void> {
  const lines = diff.split('\n').filter(line => line !== '')
  const side = (marks: RegExp) =>
    lines
      .filter(line => marks.test(line))
      .map(line => line.slice(1))
      .join('\n')
  const [before, after] = [side(/^[ -]/), side(/^[ +]/)]
  const file = join(checkout.directory, path)
  const text = await readFile(file, 'utf8')
  expect([path, text.split(before)]).toEqual([path, [expect.anything(), expect.anything()]])
  await writeFile(
    file,
    text.replace(before, () => after),
  )
}
