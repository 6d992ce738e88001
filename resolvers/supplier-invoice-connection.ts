import type { SupplierInvoiceConnectionResolvers } from '../src/graphql/schema.generated.ts'
import { openAmounts, openInvoices } from './supplier-position.ts'

export const SupplierInvoiceConnection: SupplierInvoiceConnectionResolvers = {
  totalOpen: async (_, __, context) => {
    const open = openAmounts((await openInvoices(context)).records)
    return open.length === 1 ? (open[0] ?? null) : null
  },
}
