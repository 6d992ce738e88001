import type { VehicleBuildResolvers } from '../src/graphql/schema.generated.ts'

export const VehicleBuild: VehicleBuildResolvers = {
  site: (build, _, { knowledge }) => knowledge.site(build.siteBpns),
  lastUpdatedOnDateTime: build => build.lastUpdatedOn,
}
