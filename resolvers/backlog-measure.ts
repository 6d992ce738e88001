import type { BacklogMeasureResolvers } from '../src/graphql/schema.generated.ts'
import { estimatedClearDate } from '../src/recovery/reading/backlog.ts'

export const BacklogMeasure: BacklogMeasureResolvers = {
  estimatedClearDate: measure => estimatedClearDate(measure),
}
