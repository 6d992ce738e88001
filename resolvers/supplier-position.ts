import type { FieldContext } from '../src/graphql/context.ts'
import type { SupplierInvoiceModel, SupplierPositionModel } from '../src/graphql/models.ts'
import type { Money, SupplierPositionResolvers } from '../src/graphql/schema.generated.ts'
import { INVOICE_STATUSES } from '../src/model/code-lists.ts'
import { isZero, sumOf } from '../src/model/decimal.ts'
import type { Provenance } from '../src/model/provenance.ts'
import { estimatedClearDate } from '../src/recovery/reading/backlog.ts'
import type { Condition } from '../src/systems/connector.ts'
import { supplierInvoice } from '../src/systems/relations/wholesale-finance.ts'
import { money } from './money.ts'

/** What a supplier is owed. The amounts of a credit note are negative: what is open of it is still to be set off. */

/** Days past the net due date, both ends included; the first bucket holds what is not overdue. */
const AGES = [
  { fromDays: 0, toDays: 0 },
  { fromDays: 1, toDays: 30 },
  { fromDays: 31, toDays: 60 },
  { fromDays: 61, toDays: 90 },
  { fromDays: 91, toDays: null },
] as const

/** In these states something may be open; rejected and paid are final (Peppol BIS Invoice Response). */
const OPEN_STATUSES = INVOICE_STATUSES.filter(status => status !== 'REJECTED' && status !== 'PAID')
/** What every sum and filter of open invoices begins with. */
export const OPEN_INVOICES: readonly Condition[] = [{ column: 'status', is: 'in', values: OPEN_STATUSES }]
const DAY_MS = 86_400_000

interface OpenInvoices {
  readonly records: readonly SupplierInvoiceModel[]
  readonly provenance: Provenance
}

/** All open invoices of the supplier. */
export async function openInvoices({ reads, facts }: FieldContext): Promise<OpenInvoices> {
  const { records, provenance } = await reads.all(supplierInvoice, OPEN_INVOICES, { owner: facts.owner })
  return { records: records.filter(invoice => !isZero(invoice.openAmount)), provenance }
}

/** Open amounts, one per currency, in the currencies' order. */
export function openAmounts(invoices: readonly SupplierInvoiceModel[]): readonly Money[] {
  const byCurrency = Map.groupBy(invoices, invoice => invoice.currency)
  return [...byCurrency]
    .map(([currency, group]) => money(sumOf(group.map(invoice => invoice.openAmount)), currency))
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1))
}

export async function supplierPosition(context: FieldContext): Promise<SupplierPositionModel> {
  const { records, provenance } = await openInvoices(context)
  const today = Date.parse(provenance.asOf.slice(0, 10))
  const daysOverdue = ({ netDueDate }: SupplierInvoiceModel) =>
    netDueDate === null ? 0 : Math.max(0, (today - Date.parse(netDueDate)) / DAY_MS)
  return {
    open: openAmounts(records),
    overdue: openAmounts(records.filter(invoice => daysOverdue(invoice) > 0)),
    ageing: AGES.flatMap(({ fromDays, toDays }) => {
      const aged = records.filter(invoice => {
        const days = daysOverdue(invoice)
        return days >= fromDays && (toDays === null || days <= toDays)
      })
      return openAmounts(aged).map(amount => ({
        fromDays,
        toDays,
        count: aged.filter(invoice => invoice.currency === amount.currency).length,
        amount,
      }))
    }),
    // Pages run from the newest document to the oldest.
    oldestOpenInvoice: records.at(-1) ?? null,
    provenance,
  }
}

/** Of the backlogs that suppliers' payments wait for: the last to be cleared, once all of them can be told. */
export const SupplierPosition: SupplierPositionResolvers = {
  expectedBacklogClearDate: (_, __, { knowledge }) => {
    const dates = knowledge
      .restart()
      .systems.WHOLESALE_FINANCE.backlog.filter(({ concerns }) => concerns === 'SUPPLIER_PAYMENTS')
      .map(measure => estimatedClearDate(measure))
    return dates.includes(null) ? null : (dates.toSorted().at(-1) ?? null)
  },
}
