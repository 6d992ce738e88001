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
    [[], '--out DIR is missing'],
    [['--out', 'x', '--scale', '0'], '--scale 0: must be a number above 0 and at most 2'],
    [['--out', 'x', '--scale', 'big'], '--scale big: must be a number above 0 and at most 2'],
    [['--out', 'x', '--scale', ''], '--scale : must be a number above 0 and at most 2'],
    [['--out', 'x', '--seed', '1.5'], '--seed 1.5: must be a whole number'],
    [['--out', 'x', '--seed', ''], '--seed : must be a whole number'],
    [['--out', 'x', '--format', 'xml'], '--format xml: must be one of csv, jsonl'],
    [['--out', 'x', '--system', 'PAYROLL'], '--system PAYROLL: must be one of PARTS_LOGISTICS'],
    [['--demo', '--seed', '2'], '--demo takes no other option: remove --seed'],
    [['--out'], '--out'],
    [['--colour'], '--colour'],
    [['here'], 'here'],
  ])('refuses %j with exit code 2 and says what is allowed', async (args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).toContain('\nSee: recovery-gateway generate --help\n')
  })

  test('a folder that cannot be written is exit code 3 and named', async () => {
    const { code, stderr } = await run('--out', join(import.meta.filename, 'below-a-file'))
    expect(code).toBe(3)
    expect(stderr).toMatch(/^\S*generate\.test\.ts\S*: cannot be written: a part of its path is no directory\n$/)
  })

  test('--help says what each option takes', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    for (const option of ['--out', '--scale', '--seed', '--format', '--system', '--demo'])
      expect(stdout).toContain(option)
  })
})
