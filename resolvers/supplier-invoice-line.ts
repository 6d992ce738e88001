import type { SupplierInvoiceLineResolvers } from '../src/graphql/schema.generated.ts'
import { money, quantity } from './money.ts'

export const SupplierInvoiceLine: SupplierInvoiceLineResolvers = {
  quantity: line => quantity(line.quantity, line.unit),
  netAmount: line => money(line.netAmount, line.currency),
}
