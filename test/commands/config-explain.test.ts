import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runConfigCheck } from '../../src/commands/config/check.ts'
import { runConfigExplain } from '../../src/commands/config/explain.ts'
import { serverConfiguration } from '../support/server-configuration.ts'
import { createRecordedIo } from './recorded-io.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-config-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function run(command: typeof runConfigExplain, ...args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await command(args, io), ...io.written }
}

/** Nothing listens there: whoever connected would fail. */
const MAPPED = serverConfiguration().replace(
  '{ connector: { kind: extracts, directory: parts } }',
  `{ connector: { kind: postgres, connectionString: 'postgres://reader:hunter2@127.0.0.1:1/parts', schema: parts } }`,
)

describe('config explain', () => {
  test('shows each read of a relation with sample values, and connects to nothing', async () => {
    const file = join(directory, 'mapped.yaml')
    await writeFile(file, MAPPED)
    const { code, stdout, stderr } = await run(runConfigExplain, 'part_stock', '--config', file)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^part_stock of parts-logistics; the values are samples\n/)
    for (const title of ['look-up by part_number, site_bpns', 'first page of the rows of two sites', 'next page of '])
      expect(stdout).toContain(`\n${title}`)
    expect(stdout).toMatch(/SELECT [\s\S]*"parts"\."part_stock"/)
    expect(stdout).not.toContain('hunter2')
  })

  test('says it to machines', async () => {
    const file = join(directory, 'mapped.yaml')
    await writeFile(file, MAPPED)
    const { stdout } = await run(runConfigExplain, 'part', '--config', file, '--json')
    const { system, relation, reads } = JSON.parse(stdout)
    expect([system, relation]).toEqual(['PARTS_LOGISTICS', 'part'])
    for (const { title, texts } of reads) expect([title, texts.length]).toEqual([expect.any(String), 1])
  })

  test('opens no embedded database', async () => {
    const { code, stdout } = await run(runConfigExplain, 'vehicle-wholesale')
    expect(code).toBe(0)
    expect(stdout).toContain('"wholesale_finance"."vehicle_wholesale"')
  })

  test.each([
    [['parts'], /^RELATION parts: must be one of part, part_supersession, /],
    [['part', '--system', 'wholesale-finance'], /^RELATION part: must be one of supplier_invoice, /],
    [['part', '--system', 'finance'], /^--system finance: must be one of parts-logistics, /],
    [[], /^RELATION is missing/],
  ])('refuses %j and says what there is', async (args, message) => {
    const { code, stdout, stderr } = await run(runConfigExplain, ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})

describe('config check', () => {
  test.each([
    [[], /^FILE is missing/],
    [['my.yaml', '--timeout', '0'], /^--timeout 0: must be a whole number from 1 to 3600/],
    [['my.yaml', '--system', 'finance'], /^--system finance: must be one of/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(runConfigCheck, ...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  test('lists all that is wrong with the file itself, and checks nothing', async () => {
    const file = join(directory, 'wrong.yaml')
    await writeFile(file, serverConfiguration().replace('incident: INC-2025-0901', 'incident: ""\n  pollMs: 1'))
    const { code, stdout, stderr } = await run(runConfigCheck, file)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain(`${file}: recovery.incident: is empty; must be`)
    expect(stderr).toContain(`${file}: recovery.pollMs: is 1; must be`)
  })

  test('what is not there is a line each, and nothing of it is thrown', async () => {
    const file = join(directory, 'absent.yaml')
    await writeFile(
      file,
      MAPPED.replace('journal.example', '127.0.0.1:1').replace(
        'https://issuer.example/jwks',
        'http://127.0.0.1:1/jwks',
      ),
    )
    const { code, stdout, stderr } = await run(runConfigCheck, file, '--timeout', '5')
    expect(code).toBe(1)
    expect(stderr).toContain('parts-logistics: part (1 of 8)\n')
    for (const place of [
      'parts-logistics',
      'wholesale-finance',
      'production-schedule',
      'sites',
      'identity',
      'recovery.keys',
      'recovery.signingKey',
      'recovery.journal',
    ])
      expect(stdout).toMatch(new RegExp(`^${place}: \\S.*$`, 'm'))
    expect(stdout).not.toMatch(/hunter2|at .*\.ts/)
  })

  test('a configuration whose embedded databases are not made yet is told how they are', async () => {
    const file = join(directory, 'embedded.yaml')
    const embedded = serverConfiguration()
      .replace(/ +(keys|signingKey|checkpoints): .*\n/g, '')
      .replace(/journal: .*/, 'journal: { kind: embedded }')
      .concat('embedded: { directory: data }\n')
    await writeFile(file, embedded)
    const { code, stderr } = await run(runConfigCheck, file)
    expect(code).toBe(3)
    expect(stderr).toBe(
      `${join(directory, 'data')}: has no database yet, so there is nothing to check; start the gateway with this configuration once (npm start, or recovery-gateway serve), stop it, and check again\n`,
    )
  })
})
