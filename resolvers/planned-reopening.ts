import type { PlannedReopeningResolvers } from '../src/graphql/schema.generated.ts'

export const PlannedReopening: PlannedReopeningResolvers = {
  site: (planned, _, { knowledge }) => (planned.bpns === null ? null : knowledge.site(planned.bpns)),
}
