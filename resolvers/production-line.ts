import type { ProductionLineResolvers } from '../src/graphql/schema.generated.ts'

export const ProductionLine: ProductionLineResolvers = {
  code: line => line.lineCode,
  site: (line, _, { knowledge }) => knowledge.site(line.siteBpns),
}
