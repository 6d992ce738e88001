import type { Budget, Budgets } from '../../src/admission/budget.ts'
import type { Viewer } from '../../src/model/viewer.ts'

export function viewerOf(bpnl: string, given: Partial<Omit<Viewer, 'partner'>> = {}): Viewer {
  return {
    partner: { bpnl, name: bpnl, roles: ['RETAILER'], sites: [], wave: 1 },
    clientId: `client of ${bpnl}`,
    scopes: new Set(),
    epoch: '1',
    operationCostLimit: 1_000,
    costPerMinute: 1_000,
    ...given,
  }
}

/** Spends, whether that is decided at once or later; then what is left. */
export async function spend(budgets: Budgets, viewer: Viewer, cost: number): Promise<Budget> {
  await budgets.spend(viewer, cost)
  return budgets.peek(viewer)
}
