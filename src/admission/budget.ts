import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'

/**
 * What each partner may spend in a minute, in units of the cost directives. Called once per operation, before it runs.
 * Counted in this process alone: admission never waits for a remote store.
 */

const WINDOW_SECONDS = 60

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

/** The clock only stamps `resetsAt`: the minutes themselves are measured by the limiter, on the wall clock. */
export function createBudgets(clock: Clock): Budgets {
  // One counter for all limits: which limit holds is the viewer's, and the registry may change it at any time.
  const counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS })

  const budgetOf = (viewer: Viewer, spent: number, remainingMs: number): Budget => ({
    costLimit: viewer.costPerMinute,
    costRemaining: Math.max(0, viewer.costPerMinute - spent),
    resetsAt: new Date(clock.now() + remainingMs).toISOString(),
  })

  async function peek(viewer: Viewer): Promise<Budget> {
    const window = await counter.get(viewer.partner.bpnl)
    return window === null || window.msBeforeNext <= 0
      ? budgetOf(viewer, 0, WINDOW_SECONDS * 1_000)
      : budgetOf(viewer, window.consumedPoints, window.msBeforeNext)
  }

  return {
    async spend(viewer, cost) {
      if (!Number.isFinite(cost) || cost < 0) throw new RangeError(`an operation cannot cost ${cost}`)
      const before = await peek(viewer)
      if (cost > before.costRemaining) throw refusal(cost, before, clock)
      const { consumedPoints, msBeforeNext } = await counter.consume(viewer.partner.bpnl, cost)
      const budget = budgetOf(viewer, consumedPoints, msBeforeNext)
      // Another operation may have spent between the two; the counter alone decides.
      if (consumedPoints > viewer.costPerMinute) throw refusal(cost, budget, clock)
      return budget
    },
    peek,
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
