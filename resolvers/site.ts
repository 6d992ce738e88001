import type { SiteResolvers } from '../src/graphql/schema.generated.ts'

export const Site: SiteResolvers = {
  id: site => site.bpns,
}
