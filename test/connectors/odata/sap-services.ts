import { SAP_PARTS_SERVICES } from './sap-parts.ts'
import { amount, type Cells, day, flag, setOf, text } from './sap-types.ts'
import type { Served } from './served.ts'

/**
 * SAP's services as far as config/sap-s4hana.yaml reads them: names, types and lengths as in their EDMX, with the few rows
 * that show each rule of the mapping. Numbers are padded, flags are X, text is never null.
 */
const DOCUMENT_DATE = '2025-10-01T00:00:00.000Z'

/** What an invoice is in SAP, and which status follows from it: the derivation row by row. */
export interface InvoiceCase {
  readonly number: string
  readonly fields: Cells
  /** Items in accounting: the document that cleared it, or null. */
  readonly items: readonly (string | null)[]
  readonly status: string
}

export const INVOICE_CASES: readonly InvoiceCase[] = [
  ...['1', '4', 'A', 'B', 'C', 'D', 'E'].map((status, n) =>
    invoice(n, { SupplierInvoiceStatus: status }, [], 'IN_PROCESS'),
  ),
  invoice(10, { SupplierInvoiceStatus: '2' }, [], 'REJECTED'),
  invoice(11, { SupplierInvoiceStatus: '3' }, [], 'UNDER_QUERY'),
  invoice(12, { PaymentBlockingReason: 'R' }, [null], 'UNDER_QUERY'),
  invoice(13, { PaymentBlockingReason: 'A' }, [null], 'IN_PROCESS'),
  invoice(14, { ReverseDocument: '5100009999' }, ['1700000001'], 'REJECTED'),
  invoice(15, {}, [null], 'ACCEPTED'),
  invoice(16, {}, ['1500000001'], 'PAID'),
  invoice(17, {}, ['2000000001'], 'PAID'),
  invoice(18, {}, ['1500000001', null], 'PARTIALLY_PAID'),
  invoice(19, {}, ['1500000001', '2000000001'], 'PAID'),
  // Cleared against a credit note, in whole or in part: that is no payment.
  invoice(20, {}, ['1700000001'], 'ACCEPTED'),
  invoice(21, {}, ['1500000001', '1700000001'], 'ACCEPTED'),
  invoice(22, {}, [], 'IN_PROCESS'),
  invoice(23, { SupplierInvoiceStatus: '' }, [], 'IN_PROCESS'),
]

function invoice(n: number, fields: Cells, items: InvoiceCase['items'], status: string): InvoiceCase {
  return { number: `51${String(n).padStart(8, '0')}`, fields: { SupplierInvoiceStatus: '5', ...fields }, items, status }
}

const supplierInvoices = setOf(
  'A_SupplierInvoice',
  ['SupplierInvoice', 'FiscalYear'],
  {
    SupplierInvoice: text(10),
    FiscalYear: text(4),
    CompanyCode: text(4),
    DocumentDate: day,
    PostingDate: day,
    InvoiceReceiptDate: day,
    SupplierInvoiceIDByInvcgParty: text(16),
    InvoicingParty: text(10),
    DocumentCurrency: text(5),
    InvoiceGrossAmount: amount,
    PaymentTerms: text(4),
    PaymentBlockingReason: text(1),
    SupplierInvoiceStatus: text(1),
    SupplierInvoiceIsCreditMemo: text(1),
    ReverseDocument: text(10),
    BPBankAccountInternalID: text(4),
  },
  INVOICE_CASES.map(({ number, fields }, n) => ({
    SupplierInvoice: number,
    FiscalYear: '2025',
    CompanyCode: '1000',
    DocumentDate: DOCUMENT_DATE,
    SupplierInvoiceIDByInvcgParty: `INV-${n}`,
    InvoicingParty: n % 2 === 0 ? '0000100000' : '0000100007',
    DocumentCurrency: 'GBP',
    InvoiceGrossAmount: '1200.500',
    SupplierInvoiceIsCreditMemo: n % 5 === 0 ? 'X' : '',
    ...fields,
  })),
)

const orderLines = setOf(
  'A_SuplrInvcItemPurOrdRef',
  ['SupplierInvoice', 'FiscalYear', 'SupplierInvoiceItem'],
  {
    SupplierInvoice: text(10),
    FiscalYear: text(4),
    SupplierInvoiceItem: text(6),
    PurchaseOrder: text(10),
    PurchaseOrderItem: text(5),
  },
  ['4500000002', '4500000001', '4500000002'].map((PurchaseOrder, n) => ({
    SupplierInvoice: '5100000015',
    FiscalYear: '2025',
    SupplierInvoiceItem: `00000${n + 1}`,
    PurchaseOrder,
  })),
)

const item = (document: string, position: string, cells: Cells): Cells => ({
  CompanyCode: '1000',
  FiscalYear: '2025',
  AccountingDocument: document,
  AccountingDocumentItem: position,
  FinancialAccountType: 'K',
  TransactionCurrency: 'GBP',
  PostingDate: '2025-10-06T00:00:00.000Z',
  ...cells,
})

const accountingItems = setOf(
  'A_OperationalAcctgDocItemCube',
  ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'AccountingDocumentItem'],
  {
    CompanyCode: text(4),
    FiscalYear: text(4),
    AccountingDocument: text(10),
    AccountingDocumentItem: text(3),
    AccountingDocumentType: text(2),
    FinancialAccountType: text(1),
    OriginalReferenceDocument: text(20),
    Supplier: text(10),
    SpecialGLCode: text(1),
    PostingDate: day,
    NetDueDate: day,
    AmountInTransactionCurrency: { type: 'Edm.Decimal', precision: 24, scale: 3 },
    TransactionCurrency: text(5),
    ClearingAccountingDocument: text(10),
    ClearingDocFiscalYear: text(4),
  },
  [
    ...INVOICE_CASES.flatMap(({ number, items }) =>
      items.map((clearing, n) =>
        item(`19${number.slice(2)}`, `00${n + 1}`, {
          AccountingDocumentType: 'RE',
          OriginalReferenceDocument: `${number}2025`,
          Supplier: '0000100000',
          NetDueDate: `2025-11-${30 - n}T00:00:00.000Z`,
          AmountInTransactionCurrency: '-600.250',
          ClearingAccountingDocument: clearing ?? '',
          ClearingDocFiscalYear: clearing === null ? '' : '2025',
        }),
      ),
    ),
    item('1500000001', '001', {
      AccountingDocumentType: 'ZP',
      Supplier: '0000100000',
      AmountInTransactionCurrency: '600.250',
    }),
    item('1500000001', '002', {
      AccountingDocumentType: 'ZP',
      FinancialAccountType: 'S',
      AmountInTransactionCurrency: '-600.250',
    }),
    item('2000000001', '001', {
      AccountingDocumentType: 'KZ',
      Supplier: '0000100007',
      SpecialGLCode: 'A',
      AmountInTransactionCurrency: '600.250',
    }),
    item('1700000001', '001', {
      AccountingDocumentType: 'KG',
      Supplier: '0000100000',
      AmountInTransactionCurrency: '600.250',
    }),
  ],
)

const billing = setOf(
  'A_BillingDocument',
  ['BillingDocument'],
  {
    BillingDocument: text(10),
    BillingDocumentType: text(4),
    BillingDocumentDate: day,
    SoldToParty: text(10),
    TotalNetAmount: amount,
    TaxAmount: amount,
    TotalGrossAmount: amount,
    TransactionCurrency: text(5),
    BillingDocumentIsCancelled: flag,
    LastChangeDateTime: { type: 'Edm.DateTimeOffset' },
    YY1_VIN_BDH: text(17),
    YY1_ModelDescription_BDH: text(80),
    YY1_RegistrationReleased_BDH: flag,
    YY1_FundingStatus_BDH: text(1),
  },
  [
    {
      BillingDocument: '0090000001',
      BillingDocumentIsCancelled: false,
      YY1_VIN_BDH: 'SALVA2AE4EH877322',
      YY1_FundingStatus_BDH: 'F',
    },
    {
      BillingDocument: '0090000002',
      BillingDocumentIsCancelled: true,
      YY1_VIN_BDH: 'SALVA2AE4EH877323',
      YY1_FundingStatus_BDH: '',
    },
    { BillingDocument: '0090000003', BillingDocumentIsCancelled: false, YY1_VIN_BDH: '', YY1_FundingStatus_BDH: '' },
  ].map(row => ({
    BillingDocumentType: 'F2',
    BillingDocumentDate: DOCUMENT_DATE,
    SoldToParty: '0000200000',
    TotalNetAmount: '50000.000',
    TaxAmount: '10000.000',
    TotalGrossAmount: '60000.000',
    TransactionCurrency: 'GBP',
    LastChangeDateTime: '2025-10-07T08:09:10.000Z',
    YY1_ModelDescription_BDH: 'Range Rover',
    YY1_RegistrationReleased_BDH: true,
    ...row,
  })),
)

export const SAP_SERVICES: Readonly<Record<string, Served>> = {
  API_SUPPLIERINVOICE_PROCESS_SRV: { sets: [supplierInvoices, orderLines] },
  API_OPLACCTGDOCITEMCUBE_SRV: { sets: [accountingItems] },
  API_BILLING_DOCUMENT_SRV: { sets: [billing] },
  ...SAP_PARTS_SERVICES,
}
