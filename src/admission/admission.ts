import type { Clock } from '../model/clock.ts'
import type { Viewer } from '../model/viewer.ts'
import { type Budget, createBudgets } from './budget.ts'
import type { SharedSums } from './leases.ts'
import { assertAffordable } from './operation-cost.ts'

/** What the next step sees of admission: an operation is let in, or refused, by its cost. Called before it runs. */
export interface Admission {
  /**
   * Spends an operation's cost: `COST_LIMIT` where it is too dear, `RATE_LIMITED` where the budget is spent. Returns or
   * throws at once, or where the store that all instances share must be asked, resolves or rejects.
   */
  spend(viewer: Viewer, cost: number): void | Promise<void>
  /** What a viewer may still spend. */
  budget(viewer: Viewer): Promise<Budget>
}

/** @param store counts for all instances; null: this one counts for itself */
export function createAdmission(clock: Clock, store: SharedSums | null): Admission {
  const budgets = createBudgets(clock, store)
  return {
    spend(viewer, cost) {
      assertAffordable(viewer, cost)
      return budgets.spend(viewer, cost)
    },
    budget: budgets.peek,
  }
}
