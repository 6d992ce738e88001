import { conditions, type ListArguments, readConnection } from '../src/graphql/connection.ts'
import type { FieldContext } from '../src/graphql/context.ts'
import type { SupplierInvoiceConnectionModel, SupplierInvoiceModel } from '../src/graphql/models.ts'
import type { SupplierInvoiceFilter, SupplierInvoiceResolvers } from '../src/graphql/schema.generated.ts'
import type { Condition } from '../src/systems/connector.ts'
import { remittanceLine, supplierInvoice, supplierInvoiceLine } from '../src/systems/relations/wholesale-finance.ts'
import { money } from './money.ts'
import { OPEN_INVOICES } from './supplier-position.ts'

const INVOICE_KEY = ['companyCode', 'invoiceNumber', 'fiscalYear'] as const

export const SupplierInvoice: SupplierInvoiceResolvers = {
  grossAmount: invoice => money(invoice.grossAmount, invoice.currency),
  openAmount: invoice => money(invoice.openAmount, invoice.currency),
  statusCode: (invoice, _, { knowledge }) => knowledge.codes.codeOf('InvoiceStatus', invoice.status) ?? invoice.status,
  lines: (invoice, _, { reads, facts }) =>
    reads.many(
      supplierInvoiceLine,
      INVOICE_KEY,
      INVOICE_KEY.map(column => invoice[column]),
      { owner: facts.owner },
    ),
  payments: (invoice, _, { reads, facts }) =>
    reads.many(
      remittanceLine,
      INVOICE_KEY,
      INVOICE_KEY.map(column => invoice[column]),
      { owner: facts.owner },
    ),
  lastUpdatedOnDateTime: invoice => invoice.lastUpdatedOn,
}

export async function supplierInvoices(
  args: ListArguments & { readonly filter?: SupplierInvoiceFilter | null | undefined },
  context: FieldContext,
): Promise<SupplierInvoiceConnectionModel> {
  const { filter } = args
  const where = conditions(
    supplierInvoice,
    ['status', 'in', filter?.status],
    ['netDueDate', 'atLeast', filter?.dueFrom],
    ['netDueDate', 'atMost', filter?.dueUntil],
    ['purchaseOrders', 'holding', filter?.purchaseOrder],
    ['lastUpdatedOn', 'atLeast', filter?.updatedSince],
  )
  const read = (more: readonly Condition[]) =>
    readConnection(context, supplierInvoice, args, [...where, ...more], { owner: context.facts.owner })
  if (!filter?.overdueOnly) return read([])
  // The day of the data is known only with the data: what was last seen is a guess, right on all but the first read of a day.
  const guess = dayOf(context.knowledge.lastAsOf('WHOLESALE_FINANCE') ?? FIRST_DAY)
  const page = await read(overdueOn(guess))
  const day = dayOf(page.provenance.asOf)
  return day === guess ? page : read(overdueOn(day))
}

const FIRST_DAY = '0001-01-01'

/** Overdue is measured against the day of the data, so that an answer does not depend on when it is asked for. */
function overdueOn(day: string): readonly Condition[] {
  return [
    ...OPEN_INVOICES,
    { column: 'openAmount', is: 'above', value: '0' },
    { column: 'netDueDate', is: 'below', value: day },
  ]
}

function dayOf(instant: string): string {
  return instant.slice(0, 10)
}

/** A supplier may use a number again in another year: the newest document counts. */
export function latestByReference(invoices: readonly SupplierInvoiceModel[]): SupplierInvoiceModel | null {
  return invoices.toSorted((a, b) => (a.documentDate < b.documentDate ? 1 : -1))[0] ?? null
}
