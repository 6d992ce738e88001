import type { PartnerResolvers } from '../src/graphql/schema.generated.ts'

export const Partner: PartnerResolvers = {
  id: partner => partner.bpnl,
  sites: (partner, _, { knowledge }) => partner.sites.map(bpns => knowledge.site(bpns)),
}
