import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Sum } from '../store/shared-store.ts'
import type { SharedSums } from './leases.ts'
import { createOwnLedger, type Ledger } from './ledger.ts'
import { createMinutes, WINDOW_MS } from './minutes.ts'
import { type Random, retryAfterSeconds } from './retry-after.ts'
import { createSharedLedger } from './shared-ledger.ts'

/**
 * What each partner may spend in a minute, in units of the cost directives. Called once per operation, before it runs.
 * With a shared store the minute is that of all instances; admission waits for it no longer than its bound, and seldom.
 */

export interface Budget {
  readonly costLimit: number
  readonly costRemaining: number
  /** RFC 3339: the end of the minute that the partner's first spending began; with none begun, a minute from now. */
  readonly resetsAt: string
}

export interface Budgets {
  /**
   * Takes `cost` from the partner's budget; throws at once where this process can decide, and else rejects. What is refused
   * is not spent, except where operations of one partner race for the last of it: then a loser's cost, and what was leased
   * with it, may stay counted, so that never more than the limit gets through.
   *
   * @throws GatewayError RATE_LIMITED
   */
  spend(viewer: Viewer, cost: number): void | Promise<void>
  peek(viewer: Viewer): Promise<Budget>
  /** The same as far as this process knows, at once: for what is said beside every answer. */
  standing(viewer: Viewer): Standing
  /** @throws GatewayError RATE_LIMITED where nothing is left, as far as this process knows */
  assertSolvent(viewer: Viewer): void
}

export interface Standing {
  readonly remaining: number
  readonly resetsInMs: number
}

/** A minute that is over begins anew for all of a partner's clients at once; over so long are they spread. */
const SPREAD_SECONDS = 5

/** @param store counts for all instances; null: this one counts for itself */
export function createBudgets(clock: Clock, store: SharedSums | null, random?: Random): Budgets {
  const minutes = createMinutes(clock)
  const ledger: Ledger = store === null ? createOwnLedger(minutes) : createSharedLedger(store, minutes, clock)

  function budgetOf(viewer: Viewer, spent: Sum | null): Budget {
    const { remaining, resetsInMs } = standingOf(viewer, spent)
    return {
      costLimit: viewer.costPerMinute,
      costRemaining: remaining,
      resetsAt: new Date(clock.now() + resetsInMs).toISOString(),
    }
  }

  const known = ({ partner: { bpnl }, costPerMinute }: Viewer) => ledger.known(bpnl, costPerMinute)

  function assertTaken(viewer: Viewer, cost: number, refusedBy: Sum | null): void {
    if (refusedBy !== null) throw refusal(`costs ${cost}`, budgetOf(viewer, refusedBy))
  }

  function refusal(what: string, budget: Budget): GatewayError {
    const { costLimit, costRemaining, resetsAt } = budget
    const leastSeconds = Math.max(1, Math.ceil((Date.parse(resetsAt) - clock.now()) / 1_000))
    return new GatewayError(
      'RATE_LIMITED',
      `This operation ${what}; of ${costLimit} a minute, ${costRemaining} are left until ${resetsAt}.`,
      {
        details: {
          retryAfterSeconds: retryAfterSeconds({ leastSeconds, spreadSeconds: SPREAD_SECONDS }, random),
          ...budget,
        },
      },
    )
  }

  return {
    spend(viewer, cost) {
      if (!Number.isFinite(cost) || cost < 0) throw new RangeError(`an operation cannot cost ${cost}`)
      const refusedBy = ledger.spend(viewer.partner.bpnl, cost, viewer.costPerMinute)
      if (refusedBy instanceof Promise) return refusedBy.then(later => assertTaken(viewer, cost, later))
      assertTaken(viewer, cost, refusedBy)
    },
    standing: viewer => standingOf(viewer, known(viewer)),
    assertSolvent(viewer) {
      const spent = known(viewer)
      if (standingOf(viewer, spent).remaining < 1) throw refusal('has to be read', budgetOf(viewer, spent))
    },
    peek: async viewer => budgetOf(viewer, await ledger.spent(viewer.partner.bpnl)),
  }
}

function standingOf({ costPerMinute }: Viewer, spent: Sum | null): Standing {
  return {
    remaining: Math.max(0, costPerMinute - (spent?.total ?? 0)),
    resetsInMs: spent?.remainingMs ?? WINDOW_MS,
  }
}
