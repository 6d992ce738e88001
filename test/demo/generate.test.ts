import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { runGenerate } from '../../src/commands/generate.ts'
import { productionLine } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'
import { postgresBinaries, startPostgres } from '../support/postgres.ts'
import { rowsOf } from './rows.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generate-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function run(...args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await runGenerate(args, io), ...io.written }
}

describe('generate', () => {
  test('writes the systems asked for, each with a manifest that holds, and the directory', async () => {
    const { code, stdout, stderr } = await run('--out', folder, '--system', 'PRODUCTION_SCHEDULE', '--format', 'jsonl')
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toContain('rows in 4 files')
    expect((await readdir(folder)).sort()).toEqual(['directory', 'production-schedule'])
    const manifest = JSON.parse(await readFile(join(folder, 'production-schedule', 'manifest.json'), 'utf8'))
    for (const { file, sha256 } of manifest.files) {
      const content = await readFile(join(folder, 'production-schedule', file))
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    }
    const lines = (await readFile(join(folder, 'production-schedule', 'production_line.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
    const [first] = rowsOf(productionLine)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      line_code: first?.lineCode,
      site_bpns: first?.siteBpns,
      shop: first?.shop,
      status: first?.status,
    })
  })

  test('CSV reads back to what was generated: names, nulls, quotes and lists', async () => {
    expect((await run('--out', folder, '--system', 'WHOLESALE_FINANCE')).code).toBe(0)
    const csv = await readFile(join(folder, 'wholesale-finance', 'supplier_invoice.csv'), 'utf8')
    const read: Record<string, string>[] = parse(csv, { columns: true })
    const rows = rowsOf(supplierInvoice)
    expect(read).toHaveLength(rows.length)
    for (const [index, row] of rows.entries()) {
      const cells = read[index] ?? {}
      expect(cells.payment_terms).toBe(row.paymentTerms ?? '')
      expect(cells.purchase_orders).toBe(row.purchaseOrders.join(';'))
      expect(cells.payment_blocked).toBe(String(row.paymentBlocked))
      expect(cells.open_amount).toBe(row.openAmount)
    }
  })

  test('another seed gives other files', async () => {
    const digest = async (seed: string) => {
      const out = join(folder, seed)
      await run('--out', out, '--seed', seed, '--system', 'PRODUCTION_SCHEDULE')
      return JSON.parse(await readFile(join(out, 'production-schedule', 'manifest.json'), 'utf8')).files[3].sha256
    }
    expect(await digest('1')).not.toBe(await digest('2'))
  })

  test.each([
    [[], '--out DIR or --postgres URL is missing'],
    [['--out', 'x', '--scale', '0'], '--scale 0: must be a number above 0 and at most 2'],
    [['--out', 'x', '--scale', 'big'], '--scale big: must be a number above 0 and at most 2'],
    [['--out', 'x', '--scale', ''], '--scale : must be a number above 0 and at most 2'],
    [['--out', 'x', '--seed', '1.5'], '--seed 1.5: must be a whole number'],
    [['--out', 'x', '--seed', ''], '--seed : must be a whole number'],
    [['--out', 'x', '--format', 'xml'], '--format xml: must be one of csv, jsonl'],
    [['--out', 'x', '--system', 'PAYROLL'], '--system PAYROLL: must be one of PARTS_LOGISTICS'],
    [['--postgres', 'x', '--system', 'PAYROLL'], '--system PAYROLL: must be one of PARTS_LOGISTICS'],
    [['--postgres', 'mysql://root:secret@host/x'], '--postgres: must be a URL such as postgres://'],
    [['--postgres', 'postgres://u:secret@host:x/y'], '--postgres: must be a URL such as postgres://'],
    [['--postgres', 'postgres://host/x', '--reader', ''], '--reader: must be the name of a role'],
    [['--postgres', 'postgres://host/x', '--format', 'csv'], '--format is of extracts: give --out DIR, too'],
    [['--out', 'x', '--replace'], '--replace is of a server: give --postgres URL, too'],
    [['--out', 'x', '--reader', 'r'], '--reader is of a server: give --postgres URL, too'],
    [['--demo', '--seed', '2'], '--demo takes no other option: remove --seed'],
    [['--out'], '--out'],
    [['--colour'], '--colour'],
    [['here'], 'here'],
  ])('refuses %j with exit code 2 and says what is allowed', async (args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('secret')
    expect(stderr).toContain('\nSee: recovery-gateway generate --help\n')
  })

  test('a folder that cannot be written is exit code 3 and named', async () => {
    const { code, stderr } = await run('--out', join(import.meta.filename, 'below-a-file'))
    expect(code).toBe(3)
    expect(stderr).toMatch(/^\S*generate\.test\.ts\S*: cannot be written: a part of its path is no directory\n$/)
  })

  test('a server that cannot be reached is exit code 3 and named, its user and password are not', async () => {
    const { code, stderr } = await run('--postgres', 'postgres://somebody:secret@127.0.0.1:1/parts')
    expect(code).toBe(3)
    expect(stderr).toBe('postgres://127.0.0.1:1/parts: cannot be filled: connect ECONNREFUSED 127.0.0.1:1\n')
  })

  test('--help says what each option takes', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    for (const option of ['out', 'format', 'postgres', 'replace', 'reader', 'scale', 'seed', 'system', 'demo'])
      expect(stdout).toContain(`\n  --${option} `)
  })
})

const binaries = postgresBinaries()
if (binaries === null) test.skip('generate into a real server: apt-get install postgresql', () => {})
else
  test('fills a server and writes the extracts in one run, a line per relation and per system', async () => {
    const server = await startPostgres(binaries)
    try {
      const args = ['--postgres', server.connectionString, '--out', folder, '--system', 'PRODUCTION_SCHEDULE']
      const { code, stdout, stderr } = await run(...args)
      expect([code, stdout]).toEqual([0, ''])
      const shown = stderr.split('\n').map(line =>
        line
          .slice(line.lastIndexOf('\r') + 1)
          .replace(/\s+/g, ' ')
          .trim(),
      )
      expect(shown.map(line => line.replace(/ [\d,]+ rows\/s indexes [\d.]+ s$/, ' …'))).toEqual([
        'production_line 8 rows …',
        'production_schedule 672 rows …',
        `material_demand 9,600 rows …`,
        `vehicle_build 767 rows …`,
        `PRODUCTION_SCHEDULE ${8 + 672 + 9_600 + 767} rows in 4 files`,
        '',
      ])
      const again = await run(...args)
      expect(again.code).toBe(3)
      expect(again.stderr).toBe(
        `postgres://${new URL(server.connectionString).host}/postgres: cannot be filled: the schema production_schedule is there already: --replace puts new rows in the place of the old ones\n`,
      )
      expect((await run(...args, '--replace', '--reader', 'reader')).code).toBe(0)
    } finally {
      await server.stop()
    }
  })
