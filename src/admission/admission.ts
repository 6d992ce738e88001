import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Counters } from '../observe/counters.ts'
import { type Budget, createBudgets, type Standing } from './budget.ts'
import { createExecutions, type Executions } from './executions.ts'
import type { SharedSums } from './leases.ts'
import { createLoadMonitor, type LoadMonitor } from './load-monitor.ts'
import { assertAffordable } from './operation-cost.ts'
import { createShedding, type Shed, type Shedding } from './shedding.ts'

/** What the next step sees of admission: what is let in, or refused, by its cost, its partner's share and the load. */
export interface Admission {
  /**
   * Spends an operation's cost: `COST_LIMIT` where it is too dear, `RATE_LIMITED` where the budget is spent. Returns or
   * throws at once, or where the store that all instances share must be asked, resolves or rejects.
   */
  spend(viewer: Viewer, cost: number): void | Promise<void>
  /** What a viewer may still spend. */
  budget(viewer: Viewer): Promise<Budget>
  /** The same as far as this process knows, at once. */
  standing(viewer: Viewer): Standing
  /** Has a partner pay for a document that was read and refused, as far as its budget goes. Neither throws nor waits. */
  charge(viewer: Viewer): void
  /** @throws GatewayError RATE_LIMITED where the partner has nothing left to pay for the reading of a document */
  assertSolvent(viewer: Viewer): void
  readonly executions: Executions
  readonly shedding: Shedding
  readonly load: LoadMonitor
}

export interface AdmissionOptions {
  readonly settings: AdmissionSettings
  /** Most memory that the process should take, in bytes. */
  readonly memoryBound: number
  /** Counts for all instances; null: this one counts for itself. */
  readonly store: SharedSums | null
  readonly clock: Clock
  readonly counters: Pick<Counters, 'counter'>
}

/** The section `admission` of the configuration. */
export interface AdmissionSettings {
  readonly inFlightPerPartner: number
  readonly refusedDocumentCost: number
  readonly loopDelayMs: number
  readonly reservedPerSecond: number
}

export function createAdmission({ settings, memoryBound, store, clock, counters }: AdmissionOptions): Admission {
  const { inFlightPerPartner, refusedDocumentCost, loopDelayMs, reservedPerSecond } = settings
  const budgets = createBudgets(clock, store)
  const load = createLoadMonitor({ loopDelayMs, memoryBound })
  const shed = (what: Shed) => counters.counter('shed_requests', { what })
  const onShed = { unknown: shed('unknown'), execution: shed('execution') }
  const refused = (reason: string) => counters.counter('partner_refusals', { reason })
  const onCost = refused('cost')
  const counted = (thrown: unknown) => {
    if (thrown instanceof GatewayError && thrown.code === 'RATE_LIMITED') onCost()
    return thrown
  }

  function spend(viewer: Viewer, cost: number): void | Promise<void> {
    try {
      return budgets.spend(viewer, cost)?.catch((thrown: unknown) => Promise.reject(counted(thrown)))
    } catch (thrown) {
      throw counted(thrown)
    }
  }

  return {
    spend(viewer, cost) {
      assertAffordable(viewer, cost)
      return spend(viewer, cost)
    },
    budget: budgets.peek,
    standing: budgets.standing,
    charge(viewer) {
      const pay = async () => budgets.spend(viewer, Math.min(refusedDocumentCost, budgets.standing(viewer).remaining))
      // What others have spent meanwhile is not there to pay with.
      void pay().catch(() => {})
    },
    assertSolvent(viewer) {
      try {
        budgets.assertSolvent(viewer)
      } catch (thrown) {
        throw counted(thrown)
      }
    },
    executions: createExecutions({
      mostPerPartner: inFlightPerPartner,
      onRefusal: refused('in_flight'),
      onBegin: load.room.began,
      onEnd: load.room.ended,
    }),
    shedding: createShedding({ monitor: load, reservedPerSecond, clock, onShed: what => onShed[what]() }),
    load,
  }
}
