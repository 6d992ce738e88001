import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import { createLedger, type SharedSums, WINDOW_MS } from './ledger.ts'

/**
 * What each partner may spend in a minute, in units of the cost directives. Called once per operation, before it runs.
 * With a shared store the minute is that of all instances; admission waits for it no longer than its bound.
 */

export interface Budget {
  readonly costLimit: number
  readonly costRemaining: number
  /** RFC 3339: the end of the minute that the partner's first spending began; with none begun, a minute from now. */
  readonly resetsAt: string
}

export interface Budgets {
  /**
   * Takes `cost` from the partner's budget. What is refused is not spent, except where operations of one partner race
   * for the last of it: then a loser's cost stays counted, so that never more than the limit gets through.
   *
   * @throws GatewayError RATE_LIMITED
   */
  spend(viewer: Viewer, cost: number): Promise<Budget>
  peek(viewer: Viewer): Promise<Budget>
}

/** The clock only stamps `resetsAt`: the minutes themselves are measured where they are counted. */
export function createBudgets(clock: Clock, store: SharedSums | null): Budgets {
  const ledger = createLedger(store)

  const budgetOf = (viewer: Viewer, spent: number, remainingMs: number): Budget => ({
    costLimit: viewer.costPerMinute,
    costRemaining: Math.max(0, viewer.costPerMinute - spent),
    resetsAt: new Date(clock.now() + remainingMs).toISOString(),
  })

  return {
    async spend(viewer, cost) {
      if (!Number.isFinite(cost) || cost < 0) throw new RangeError(`an operation cannot cost ${cost}`)
      const { isWithin, total, remainingMs } = await ledger.spend(viewer.partner.bpnl, cost, viewer.costPerMinute)
      const budget = budgetOf(viewer, total, remainingMs)
      if (!isWithin) throw refusal(cost, budget, clock)
      return budget
    },
    async peek(viewer) {
      const spent = await ledger.spent(viewer.partner.bpnl)
      return budgetOf(viewer, spent?.total ?? 0, spent?.remainingMs ?? WINDOW_MS)
    },
  }
}

function refusal(cost: number, budget: Budget, clock: Clock): GatewayError {
  const { costLimit, costRemaining, resetsAt } = budget
  const retryAfterSeconds = Math.max(1, Math.ceil((Date.parse(resetsAt) - clock.now()) / 1_000))
  return new GatewayError(
    'RATE_LIMITED',
    `This operation costs ${cost}; of ${costLimit} a minute, ${costRemaining} are left until ${resetsAt}.`,
    { details: { retryAfterSeconds, ...budget } },
  )
}
