import type { SiteRestartResolvers } from '../src/graphql/schema.generated.ts'

export const SiteRestart: SiteRestartResolvers = {
  site: (restart, _, { knowledge }) => knowledge.site(restart.bpns),
}
