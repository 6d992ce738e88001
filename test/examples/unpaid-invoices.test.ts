import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { describeWith } from '../support/needs.ts'
import { runExample } from './running.ts'
import { scriptedGateway } from './scripted-gateway.ts'

/** What a supplier's report makes of invoices that were not there when it was written. */

const gateway = scriptedGateway()
let directory: string
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const provenance = { asOf: '2025-10-08T05:30:00.000Z', origin: 'SYSTEM', gapFrom: null, gapUntil: null }
const POSITION = { overdue: [], expectedBacklogClearDate: null, provenance }

function invoice(supplierInvoiceReference: string, type: string, status: string, amount: string) {
  return {
    node: {
      supplierInvoiceReference,
      type,
      documentDate: '2025-09-01',
      netDueDate: null,
      status,
      openAmount: { amount, currency: 'GBP' },
      expectedPaymentDate: null,
      provenance,
    },
  }
}

describeWith(['python'], 'examples/python/unpaid_invoices.py', () => {
  test('lists what is open whatever its status is called, and nothing else', async () => {
    const edges = [
      invoice('A-1', 'COMMERCIAL_INVOICE', 'A_STATUS_OF_NEXT_YEAR', '10.50'),
      invoice('A-2', 'COMMERCIAL_INVOICE', 'PAID', '0.00'),
      invoice('A-3', 'CREDIT_NOTE', 'ACCEPTED', '-3.20'),
    ]
    const page = { edges, pageInfo: { hasNextPage: false, endCursor: null } }
    await gateway.script([
      { status: 200, body: { data: { supplierPosition: POSITION } } },
      { status: 200, body: { data: { supplierInvoices: page } } },
    ])
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-report-'))
    const file = join(directory, 'unpaid.csv')
    const environment = { TOKEN: 'a-token', GATEWAY_URL: gateway.url }
    const { code, stdout } = await runExample('examples/python/unpaid_invoices.py', ['--csv', file], environment)
    expect([code, stdout]).toEqual([0, expect.stringContaining('Open in all: 7.30 GBP')])
    expect((await readFile(file, 'utf8')).trimEnd().split('\r\n')).toEqual([
      'invoice,type,dated,due,status,open,currency,expected,asOf',
      'A-1,COMMERCIAL_INVOICE,2025-09-01,,A_STATUS_OF_NEXT_YEAR,10.50,GBP,,2025-10-08T05:30:00.000Z',
      'A-3,CREDIT_NOTE,2025-09-01,,ACCEPTED,-3.20,GBP,,2025-10-08T05:30:00.000Z',
    ])
    // A filter by status would leave the first out.
    expect(gateway.requests.map(({ body }) => body.includes('filter'))).toEqual([false, false])
  })
})
