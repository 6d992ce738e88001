import type { RemittanceLineResolvers } from '../src/graphql/schema.generated.ts'
import { supplierInvoice, supplierPayment } from '../src/systems/relations/wholesale-finance.ts'
import { money } from './money.ts'

export const RemittanceLine: RemittanceLineResolvers = {
  payment: (line, _, { reads, facts }) => reads.one(supplierPayment, [line.paymentId], { owner: facts.owner }),
  invoice: ({ companyCode, invoiceNumber, fiscalYear }, _, { reads, facts }) =>
    companyCode === null || invoiceNumber === null || fiscalYear === null
      ? null
      : reads.one(supplierInvoice, [companyCode, invoiceNumber, fiscalYear], { owner: facts.owner }),
  duePayableAmount: line => money(line.duePayableAmount, line.currency),
  discountApplied: line => money(line.discountApplied, line.currency),
  adjustment: line => money(line.adjustment, line.currency),
  remittedAmount: line => money(line.remittedAmount, line.currency),
}
