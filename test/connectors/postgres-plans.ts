import { beforeAll, describe, expect, test } from '@jest/globals'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { PostgresMapping } from '../../src/connectors/postgres/mapping.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { columnName, type Row } from '../../src/systems/relation.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import type { MappingSource } from './postgres-mapping.ts'
import { tablesOf, writeRows, writeTables } from './postgres-sample.ts'
import { SAMPLE } from './sample.ts'

/** That what is laid around a source leaves the server its indexes; both drivers run it, over five thousand invoices. */
export function describePlans(name: string, setup: () => Promise<MappingSource>): void {
  describe(`plans over ${name}`, () => {
    const signal = new AbortController().signal
    let client: SqlClient
    beforeAll(async () => {
      const source = await setup()
      client = source.client
      const [like] = SAMPLE.get(supplierInvoice) ?? []
      const many = Array.from(
        { length: 5_000 },
        (_, n): Row => ({
          ...like,
          invoiceNumber: `52${String(n).padStart(8, '0')}`,
          supplierBpnl: `BPNL0000000${1000 + (n % 100)}A`,
          documentDate: new Date(Date.UTC(2024, 0, 1 + (n % 300))).toISOString().slice(0, 10),
        }),
      )
      await writeTables(source.write, 'large', [supplierInvoice])
      await writeRows(source.write, 'large', supplierInvoice, many)
      await source.write('ANALYZE large.supplier_invoice')
      // As a site may hold it: text of no fixed length, sorted by the database's language, under other names.
      await source.write(
        `CREATE TABLE large.bkpf AS SELECT company_code::varchar(4) AS bukrs, invoice_number::text AS belnr,
         fiscal_year::varchar(4) AS gjahr, i.* FROM large.supplier_invoice i`,
      )
      await source.write('CREATE UNIQUE INDEX ON large.bkpf (bukrs, belnr, gjahr)')
      await source.write(
        'CREATE INDEX ON large.bkpf (supplier_bpnl, document_date, bukrs COLLATE "C", belnr COLLATE "C", gjahr COLLATE "C")',
      )
      await source.write('ANALYZE large.bkpf')
    }, 60_000)

    const renamed = { companyCode: 'bukrs', invoiceNumber: 'belnr', fiscalYear: 'gjahr' }
    const columns = Object.keys({ ...supplierInvoice.columns, ...renamed }).map(
      property =>
        `${Object.entries(renamed).find(([key]) => key === property)?.[1] ?? columnName(property)} AS ${columnName(property)}`,
    )
    const select = `SELECT ${columns.join(', ')} FROM large.bkpf`
    const mappings: readonly (readonly [string, PostgresMapping])[] = [
      ['tables', tablesOf('large')],
      ['a SELECT', { schema: null, freshness: 'SELECT now()', relations: { supplier_invoice: { select } } }],
    ]

    test.each(mappings)(
      'over %s, a lookup and a page of an owner use the index on their columns',
      async (_, mapping) => {
        const plans: string[] = []
        const explaining: SqlClient = {
          isEmbedded: false,
          close: async () => {},
          async query(text, params, given) {
            if (!text.includes('invoice_number')) return client.query(text, params, given)
            const { rows } = await client.query(`EXPLAIN ${text}`, params, given)
            plans.push(rows.map(row => row['QUERY PLAN']).join('\n'))
            return { rows: [], columns: [] }
          },
        }
        const connector = createPostgresConnector({
          client: explaining,
          mapping: { ...mapping, freshness: 'SELECT now()' },
          clock: { now: () => 0 },
        })
        const keys = [['1000', '5200000001', '2025']]
        await connector.lookup(
          supplierInvoice,
          { columns: supplierInvoice.key, keys, visible: { kind: 'all' } },
          signal,
        )
        const visible: RowFilter = { kind: 'owner', columns: ['supplierBpnl'], value: 'BPNL00000001042A' }
        const after = ['2024-05-05', '1000', '5200000001', '2025']
        await connector.page(supplierInvoice, { visible, where: [], after, first: 5 }, signal)
        expect(plans).toHaveLength(2)
        for (const plan of plans) {
          expect(plan).toMatch(/Index Scan/)
          expect(plan).not.toMatch(/Seq Scan|Sort/)
        }
        expect(plans[1]).toMatch(/ROW\([a-z.]*document_date/)
      },
    )
  })
}
