import type { WholesaleFundingResolvers } from '../src/graphql/schema.generated.ts'
import { money } from './money.ts'

export const WholesaleFunding: WholesaleFundingResolvers = {
  fundedAmount: funding => money(funding.fundedAmount, funding.currency),
  outstandingAmount: funding => money(funding.outstandingAmount, funding.currency),
}
