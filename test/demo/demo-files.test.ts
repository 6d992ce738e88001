import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { writeDemoFiles } from '../../demo/demo-files.ts'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { parseSiteDirectory } from '../../src/config/site-directory.ts'
import { partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { productionLine } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { storyState } from '../support/story-state.ts'
import { ANCHOR_DATE, dataset, exact, groupBy, indexBy, rowsOf } from './rows.ts'

const DEMO = join(import.meta.dirname, '..', '..', 'demo')
const EXTRACTS = 'extracts/production-schedule'
const yamlOf = async (file: string): Promise<unknown> => parse(await readFile(join(DEMO, file), 'utf8'))

let fresh = ''
beforeAll(async () => {
  fresh = await mkdtemp(join(tmpdir(), 'demo-files-'))
  await writeDemoFiles(fresh)
})
afterAll(() => rm(fresh, { recursive: true }))

describe('the committed files', () => {
  test('are what the generator writes, byte for byte, and nothing besides', async () => {
    for (const folder of ['directory', EXTRACTS]) {
      const files = (await readdir(join(fresh, folder))).sort()
      expect((await readdir(join(DEMO, folder))).sort()).toEqual(files)
      for (const file of files) {
        const [committed, written] = await Promise.all([DEMO, fresh].map(root => readFile(join(root, folder, file))))
        if (!written?.equals(committed ?? Buffer.alloc(0)))
          throw new Error(`${folder}/${file}: run \`generate --demo\``)
      }
    }
  })

  test('the manifest has the digest and the rows of every extract, and all of them are small', async () => {
    const manifest = JSON.parse(await readFile(join(DEMO, EXTRACTS, 'manifest.json'), 'utf8'))
    expect(manifest.asOf).toBe(EMBEDDED_DATASET.anchor)
    expect(manifest.files).toHaveLength(4)
    for (const { file, format, sha256, rows } of manifest.files) {
      const path = join(DEMO, EXTRACTS, file)
      const content = await readFile(path)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
      expect(content.toString('utf8').split('\n').length - 1).toBe(format === 'csv' ? rows + 1 : rows)
      expect((await stat(path)).size).toBeLessThan(3_000_000)
    }
  })
})

describe('the directory', () => {
  test('has every site, and every partner’s sites are parts sites of it', async () => {
    const sites = parseSiteDirectory(await yamlOf('directory/sites.yaml'), 'sites.yaml')
    const partners = await readSamplePartners()
    const types = groupBy(sites.values(), ({ type }) => type)
    expect(types.get('GLOBAL_PARTS_LOGISTICS_CENTRE')).toHaveLength(1)
    expect(types.get('PARTS_DISTRIBUTION_CENTRE')).toHaveLength(12)
    expect([types.get('RETAILER')?.length, types.get('SUPPLIER')?.length]).toEqual([41, 60])
    for (const bpns of partners.flatMap(partner => partner.sites)) {
      expect(sites.get(bpns)?.type).toMatch(/PARTS_DISTRIBUTION_CENTRE|GLOBAL_PARTS_LOGISTICS_CENTRE/)
    }
  })

  test('has the three samples in the first wave, every role, every wave, and few distinct lists of sites', async () => {
    const partners = await readSamplePartners()
    const byClient = indexBy(partners, ({ clients }) => String(clients[0]))
    for (const client of ['sample-retailer', 'sample-supplier', 'sample-internal']) {
      expect(byClient.get(client)).toMatchObject({ wave: 1, disabled: false })
    }
    expect(byClient.get('sample-internal')?.sites).toHaveLength(13)
    // What evidence says in full is not for partners.
    expect(partners.filter(({ scopes }) => scopes.includes('evidence:read')).map(({ roles }) => roles)).toEqual([
      ['INTERNAL'],
    ])
    expect(byClient.get('sample-supplier')?.scopes).toEqual(['payments:read', 'demand:read', 'restart:read'])
    expect(byClient.get('sample-retailer')?.scopes).toEqual([
      'parts:read',
      'orders:read',
      'wholesale:read',
      'restart:read',
    ])
    expect(new Set(partners.flatMap(({ roles }) => roles)).size).toBe(6)
    expect(new Set(partners.map(({ wave }) => wave))).toEqual(new Set([1, 2, 3, null]))
    expect(partners.filter(({ disabled }) => disabled)).toHaveLength(1)
    expect(new Set(partners.map(({ sites }) => String(sites))).size).toBeLessThan(15)
    expect(new Set(partners.map(({ name }) => name)).size).toBe(partners.length)
  })
})

describe('the story', () => {
  test('names sites of the directory, and says of lines what the schedule says', async () => {
    const { sites, plannedReopenings } = await storyState()
    const directory = parseSiteDirectory(await yamlOf('directory/sites.yaml'), 'sites.yaml')
    for (const { bpns } of [...sites, ...plannedReopenings]) if (bpns !== null) expect(directory.has(bpns)).toBe(true)
    const statuses = (bpns: string, shop: string) =>
      sites.filter(site => site.bpns === bpns && (site.shop === shop || site.shop === null)).map(({ status }) => status)
    for (const line of rowsOf(productionLine).filter(({ lineCode }) => lineCode !== 'SOL-TF-02')) {
      expect(statuses(line.siteBpns, line.shop)).toEqual([line.status])
    }
  })

  test('tells the past as past and the future as future', async () => {
    const state = await storyState()
    const { anchor } = EMBEDDED_DATASET
    const systems = Object.values(state.systems)
    const past = [
      state.updatedAt,
      ...state.updates.map(({ publishedAt }) => publishedAt),
      ...systems.map(({ since }) => since),
    ]
    expect(past.filter(time => time > anchor)).toEqual([])
    expect(
      [state.nextUpdateBy, ...systems.map(({ nextUpdateBy }) => nextUpdateBy)].filter(time => String(time) <= anchor),
    ).toEqual([])
    for (const { scheduledFor, status } of state.plannedReopenings)
      expect(scheduledFor > anchor).toBe(status === 'SCHEDULED')
  })

  test('counts the backlog that the data holds', async () => {
    const { systems } = await storyState()
    const open = (system: keyof typeof systems, name: string) =>
      systems[system].backlog.find(measure => measure.name === name)?.open
    const invoices = rowsOf(supplierInvoice)
    const overdue = invoices.filter(row => exact(row.openAmount) > 0n && (row.netDueDate ?? '9999') < ANCHOR_DATE)
    expect(open('WHOLESALE_FINANCE', 'Overdue supplier invoices to pay')).toBe(overdue.length)
    expect(open('WHOLESALE_FINANCE', 'Supplier invoices to post')).toBe(
      invoices.filter(row => row.postingDate === null).length,
    )
    const waiting = rowsOf(partsOrderLine).filter(row => exact(row.quantityOnBackorder) > 0n)
    expect(open('PARTS_LOGISTICS', 'Order lines on backorder')).toBe(waiting.length)
    expect(dataset.options).toEqual(EMBEDDED_DATASET)
  })
})
