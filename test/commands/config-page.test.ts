import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Block, blocksOf } from '../docs/blocks.ts'
import { SMALL_DATASET } from '../support/dataset.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { describeOnSite } from '../support/site.ts'
import { createTerminal, type Output, page, patched, type Running } from './config-page.ts'

/** The page's own commands, in order, on a real PostgreSQL: what it shows is what comes. */

const SERVER = '127.0.0.1:5432'
const OWNER = `postgres://postgres@${SERVER}`
const PARTNERS = 'http://127.0.0.1:4000'

describeOnSite('docs/your-first-relation.md', () => {
  let directory: string
  let database: PostgresServer
  let serving: Running | null = null

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-page-'))
    database = await startPostgres(postgresBinaries() ?? '')
  })
  afterAll(async () => {
    await serving?.stop()
    await database.stop()
    await rm(directory, { recursive: true, force: true })
  })

  test('is true from its first command to its last', async () => {
    const terminal = createTerminal(directory)
    const { host, username } = new URL(database.connectionString)
    // Of the systems that stand in for others the page shows no row: few are enough.
    const here = (script: string) =>
      script
        .replace(' --out ', ` --scale ${SMALL_DATASET.scale} --out `)
        .replaceAll(OWNER, `postgres://${username}@${host}`)
        .replaceAll(SERVER, host)
        .replaceAll(PARTNERS, serving?.partners ?? PARTNERS)
    let file: Pick<Block, 'language' | 'info' | 'text'> = { language: '', info: '', text: '' }
    let check = ''
    let output: Output = { code: 0, stdout: '', stderr: '' }
    let done = 0

    const steps: Readonly<Record<string, (block: Block) => Promise<void>>> = {
      'sh install': async ({ text }) => expect(text).toBe('npm ci\n'),
      async sh({ text }) {
        output = await terminal.run(here(text))
        expect([text, output.code, output.code === 0 ? '' : output.stderr]).toEqual([text, 0, ''])
        if (text.includes('config check')) check = text
      },
      async 'sh serve'({ text }) {
        serving = await terminal.start(text)
      },
      async 'sh query'({ text }) {
        output = await terminal.run(here(text))
      },
      async file(block) {
        file = block
        await terminal.write(block.info, block.language === 'yaml' ? `${block.text}${ANY_PORT}` : block.text)
      },
      async diff({ text }) {
        await terminal.write(file.info, `${patched(file.text, text)}${ANY_PORT}`)
        output = await terminal.again(check)
        await terminal.write(file.info, `${file.text}${ANY_PORT}`)
      },
      text: async ({ text }) => expect(output.stdout).toBe(text),
      async 'text problem'({ text }) {
        expect(output.code).toBe(1)
        expect(output.stdout.split('\n1 problem:\n\n')[1]).toBe(text)
      },
      async 'text head'({ text }) {
        expect(output.stdout.slice(0, text.length)).toBe(text)
      },
      json: async ({ text }) => expect(JSON.parse(output.stdout)).toEqual(JSON.parse(text)),
    }
    for (const block of blocksOf(page)) {
      const step = block.info.includes('/') ? 'file' : [block.language, block.info].join(' ').trim()
      const take = steps[step]
      if (take === undefined) throw new Error(`the page has a block of an unknown kind: ${step}`)
      await take(block)
      done += 1
    }
    expect(done).toBeGreaterThan(15)
  }, 180_000)
})

/** Nothing else on this machine is in the way. */
const ANY_PORT = '\nlisten: { port: 0, adminPort: 0 }\n'

describe('the script of the page', () => {
  test('a change must fit the file', () => {
    expect(patched('a\n b\nc\n', '- b\n+ d\n')).toBe('a\n d\nc\n')
    expect(() => patched('a\n', '-b\n+c\n')).toThrow('the page changes what is not there')
  })
})
