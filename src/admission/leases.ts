import type { Clock } from '../model/clock.ts'
import { keyOf } from '../model/key.ts'
import type { Addition, SharedStore, Sum } from '../store/shared-store.ts'
import { WINDOW_MS } from './minutes.ts'
import { createPeriods, type Period } from './periods.ts'

/**
 * What this instance has taken of the partners' minutes in the store ahead of spending it. Called by the shared ledger, so
 * that an operation waits for the store only where nothing is left of a lease. What is leased counts as spent for all other
 * instances: each holds up to 3 % of what its partner has left, and nothing where a partner asks it once in a minute. The less
 * is left, the smaller the leases; near the limit, exactly the cost is taken. What is not spent ends with the store's minute.
 */
export interface Leases {
  /** Takes `cost` from the lease: the end of its minute, in milliseconds since the Unix epoch. Null: it does not cover that. */
  take(partner: string, cost: number, limit: number): number | null
  /**
   * Takes `cost` from the store, with a new lease where there is reason for one. The sum is without what is held here.
   * Waits for one answer; for a second where a lease was refused that the cost alone may not be. Rejects with `StoreUnavailable`.
   */
  ask(partner: string, cost: number, limit: number): Promise<Addition>
  /** By the store's last word, without what is held here; null: it has said nothing in the minute under way. */
  known(partner: string, limit: number): Sum | null
  /** By the store, without what is held here. Rejects with `StoreUnavailable`. */
  spent(partner: string): Promise<Sum | null>
}

export type SharedSums = Pick<SharedStore, 'sum' | 'addWithin' | 'connectedSince'>

interface Lease extends Period {
  /** Under which it was taken; under another one it does not count. */
  limit: number
  /** Of what was taken, still to be spent. */
  held: number
  /** What the store had left of the limit, by its last word. */
  left: number
  isBeingFilled: boolean
}

/** Of what is left in the store. */
const LEASED_PART = 0.02

export function createLeases(store: SharedSums, clock: Clock): Leases {
  const leases = createPeriods<Lease>(clock)
  const keyFor = (partner: string) => keyOf('budget', partner)

  /** In whole units: sums of fractions would not be exact. */
  const sizeOf = ({ left }: Lease) => Math.floor(left * LEASED_PART)

  /** Takes `amount` from the store, and keeps what of it is more than `cost`. */
  async function add(partner: string, amount: number, cost: number, limit: number): Promise<Addition> {
    const beganAtMs = clock.now()
    const sum = await store.addWithin(keyFor(partner), amount, limit, WINDOW_MS)
    // Counted from before the question, so that no lease outlasts the minute that it is of.
    const endsAtMs = beganAtMs + sum.remainingMs
    if (!(clock.now() < endsAtMs)) return sum
    let lease = leases.get(partner)
    if (lease === undefined) {
      lease = { beganAtMs, endsAtMs, limit, held: 0, left: 0, isBeingFilled: false }
      leases.begin(partner, lease)
    } else if (lease.limit !== limit) {
      lease.limit = limit
      lease.held = 0
    }
    lease.left = Math.max(0, limit - sum.total)
    if (sum.isWithin) lease.held += amount - cost
    return sum
  }

  /** Only one lease is taken at a time: what comes meanwhile and is not covered takes what it costs. */
  async function fill(lease: Lease, partner: string, cost: number): Promise<Addition> {
    lease.isBeingFilled = true
    try {
      return await add(partner, Math.max(cost, sizeOf(lease)), cost, lease.limit)
    } finally {
      lease.isBeingFilled = false
    }
  }

  /** At half of a lease, so that the next is there before this one is spent. */
  function isDue(lease: Lease, cost: number): boolean {
    const size = sizeOf(lease)
    return !lease.isBeingFilled && size > cost && lease.held <= size / 2
  }

  /** All that is held goes towards a cost that it does not cover, so that the last of a budget can be spent. */
  async function ask(partner: string, cost: number, limit: number): Promise<Addition> {
    const known = leases.get(partner)
    const lease = known?.limit === limit ? known : undefined
    const put = lease?.held ?? 0
    if (lease !== undefined) lease.held = 0
    const lacking = cost - put
    let isTaken = false
    try {
      let sum =
        lease !== undefined && isDue(lease, lacking)
          ? await fill(lease, partner, lacking)
          : await add(partner, lacking, lacking, limit)
      if (!sum.isWithin && sum.total + lacking <= limit) sum = await add(partner, lacking, lacking, limit)
      isTaken = sum.isWithin
      return sum
    } finally {
      if (!isTaken && lease?.limit === limit) lease.held += put
    }
  }

  const withoutHeld = <S extends Sum>(sum: S, partner: string): S => ({
    ...sum,
    total: Math.max(0, sum.total - (leases.get(partner)?.held ?? 0)),
  })

  return {
    take(partner, cost, limit) {
      const lease = leases.get(partner)
      if (lease === undefined || lease.limit !== limit || !(cost <= lease.held)) return null
      lease.held -= cost
      if (isDue(lease, cost) && store.connectedSince() !== null) fill(lease, partner, 0).catch(() => {})
      return lease.endsAtMs
    },
    ask: async (partner, cost, limit) => withoutHeld(await ask(partner, cost, limit), partner),
    known(partner, limit) {
      const lease = leases.get(partner)
      if (lease === undefined || lease.limit !== limit) return null
      const { left, held, endsAtMs } = lease
      return { total: Math.max(0, limit - left - held), remainingMs: Math.max(0, endsAtMs - clock.now()) }
    },
    async spent(partner) {
      const sum = await store.sum(keyFor(partner))
      return sum && withoutHeld(sum, partner)
    },
  }
}
