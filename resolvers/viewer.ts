import type { ViewerResolvers } from '../src/graphql/schema.generated.ts'

export const Viewer: ViewerResolvers = {
  scopes: viewer => [...viewer.scopes].toSorted(),
  openSystems: (viewer, _, { knowledge }) => knowledge.openSystems(viewer),
  wave: viewer => viewer.partner.wave,
  budget: (viewer, _, { knowledge }) => knowledge.budget(viewer),
}
