import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createTables } from '../../demo/ddl.ts'
import {
  createEmbeddedDatabase,
  EMBEDDED_SCHEMAS,
  type EmbeddedDatabaseStep,
  GENERATOR_VERSION,
  readStamp,
} from '../../demo/embedded-database.ts'
import { createDataset } from '../../demo/generator/dataset.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { TEST_DATASET } from '../support/dataset.ts'

const { seed, scale } = TEST_DATASET
const dataset = createDataset(TEST_DATASET)
const steps: EmbeddedDatabaseStep[] = []
let folder = ''
let directory = ''
let database: PGlite

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-database-'))
  directory = join(folder, 'postgres')
  // What a killed first start leaves behind.
  await mkdir(`${directory}.unfinished`)
  await writeFile(join(`${directory}.unfinished`, 'PG_VERSION'), 'broken')
  await createEmbeddedDatabase({ directory, seed, scale, onProgress: step => steps.push(step) })
  database = await PGlite.create(directory)
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

describe('the embedded database', () => {
  test('holds every row of both systems, and the instant they are as of', async () => {
    for (const [system, schema] of Object.entries(EMBEDDED_SCHEMAS) as [keyof typeof EMBEDDED_SCHEMAS, string][]) {
      for (const relation of RELATIONS[system]) {
        const { rows } = await database.query(`SELECT count(*)::int AS rows FROM ${schema}.${relation.name}`)
        expect([relation.name, rows]).toEqual([relation.name, [{ rows: [...dataset.rows(relation)].length }]])
      }
      const { rows } = await database.query(`SELECT as_of FROM ${schema}.freshness`)
      expect(rows).toEqual([{ as_of: new Date(TEST_DATASET.anchor) }])
    }
  })

  test('gives rows back as the generator made them: amounts, dates, lists and nulls', async () => {
    const row = [...dataset.rows(supplierInvoice)].find(({ status }) => status === 'UNDER_QUERY')
    const { rows } = await database.query(
      `SELECT gross_amount::text, net_due_date::text, purchase_orders, status_reasons, expected_payment_date
       FROM wholesale_finance.supplier_invoice WHERE invoice_number = $1`,
      [row?.invoiceNumber],
    )
    expect(rows).toEqual([
      {
        gross_amount: row?.grossAmount,
        net_due_date: row?.netDueDate,
        purchase_orders: row?.purchaseOrders,
        status_reasons: row?.statusReasons,
        expected_payment_date: null,
      },
    ])
  })

  test('holds a journal that is empty and cannot be emptied', async () => {
    const { rows } = await database.query('SELECT count(*)::int AS entries FROM recovery_journal.entry')
    expect(rows).toEqual([{ entries: 0 }])
    await expect(database.query('TRUNCATE recovery_journal.entry')).rejects.toThrow('the journal is append-only')
  })

  test('refuses a second live wholesale of a VIN', async () => {
    const copy = `INSERT INTO wholesale_finance.vehicle_wholesale
      SELECT (json_populate_record(w, '{"billing_document": "9999999999"}')).*
      FROM wholesale_finance.vehicle_wholesale w WHERE status = 'DELIVERED' LIMIT 1`
    await expect(database.query(copy)).rejects.toThrow(/unique constraint/)
  })

  test('reports its progress and leaves the data directory and its stamp, nothing else', async () => {
    expect((await readdir(folder)).sort()).toEqual(['postgres', 'postgres.json'])
    expect(await readStamp(directory)).toEqual({ generator: GENERATOR_VERSION, seed, scale })
    expect([steps[0]?.kind, steps.at(-1)?.kind]).toEqual(['creating', 'finishing'])
    expect(steps.filter(({ kind }) => kind === 'filling')).toHaveLength(14)
  })

  test('a stamp that is missing or unreadable is none', async () => {
    expect(await readStamp(join(folder, 'elsewhere'))).toBeNull()
    await writeFile(join(folder, 'broken.json'), '{"generator":')
    expect(await readStamp(join(folder, 'broken'))).toBeNull()
  })
})

describe('the tables', () => {
  test('have a key, refuse nulls, compare text by code unit, and index every lookup once', () => {
    const ddl = createTables('finance', [supplierInvoice])
    expect(ddl).toContain('CREATE SCHEMA "finance"')
    expect(ddl).toContain('"supplier_bpnl" varchar(16) COLLATE "C" NOT NULL,')
    expect(ddl).toContain('"posting_date" date,')
    expect(ddl).toContain('PRIMARY KEY ("company_code", "invoice_number", "fiscal_year")')
    expect(ddl.match(/CREATE INDEX .*/g)).toEqual([
      'CREATE INDEX ON "finance"."supplier_invoice" ("supplier_invoice_reference");',
      'CREATE INDEX ON "finance"."supplier_invoice" ("supplier_bpnl", "document_date", "company_code", "invoice_number", "fiscal_year");',
    ])
  })
})
