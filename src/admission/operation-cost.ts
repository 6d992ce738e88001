import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'

/**
 * Refuses an operation that is too dear for this partner whatever it has left, before its budget is touched.
 *
 * @param cost of the whole operation, in units of the cost directives
 * @throws GatewayError COST_LIMIT
 */
export function assertAffordable(viewer: Viewer, cost: number): void {
  const costLimit = viewer.operationCostLimit
  // Written so that a cost that is no number is refused as well.
  if (cost <= costLimit) return
  throw new GatewayError(
    'COST_LIMIT',
    `This operation costs ${cost} and may cost ${costLimit}: ask for fewer records or fewer fields.`,
    { details: { cost, costLimit } },
  )
}
