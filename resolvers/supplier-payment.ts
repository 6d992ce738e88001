import type { SupplierPaymentResolvers } from '../src/graphql/schema.generated.ts'
import { remittanceLine } from '../src/systems/relations/wholesale-finance.ts'
import { money } from './money.ts'

export const SupplierPayment: SupplierPaymentResolvers = {
  amount: payment => money(payment.amount, payment.currency),
  statusCode: (payment, _, { knowledge }) => knowledge.codes.codeOf('PaymentStatus', payment.status),
  remittance: (payment, _, { reads, facts }) =>
    reads.many(remittanceLine, ['paymentId'], [payment.paymentId], { owner: facts.owner }),
  lastUpdatedOnDateTime: payment => payment.lastUpdatedOn,
}
