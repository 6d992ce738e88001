import { LRUCache } from 'lru-cache'
import type { Clock } from '../model/clock.ts'
import type { SharedStore } from './shared-store.ts'

/**
 * How much of the shared store's memory texts may take, of all instances together: sums in the store itself, over fixed
 * windows of time. Called by the shared texts before they write. What lives for as long as a window at most, and may be
 * in the store from two of them at once, so each window gives half of the bound.
 */
export interface ByteAllowance {
  /**
   * Takes bytes for a text of that lifetime; false: no more is to be written for now.
   *
   * @param key under which it is written, where a text pays once however often it is written anew
   * @param by whose share of the bound it takes, where shares are kept
   * @throws StoreUnavailable
   */
  take(bytes: number, ttlMs: number, key: string, by?: string): Promise<boolean>
}

type Sums = Pick<SharedStore, 'addWithin'>

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const WINDOWS_ALIVE = 2
const RENEWED_WINDOWS = 3
/** Keys of which it is known that they have paid. */
const MOST_PAID = 50_000
/** A window's allowance is taken in so many pieces at most, each of which costs one question for many texts. */
const LEASES = 64
/** How long one holds whose window ended while it was asked for. */
const FRESH_LEASE_MS = 1_000
/** No one takes more of a window's allowance than one part in so many. */
const SHARES = 8
/** Partners of which it is known what is left of their shares. */
const MOST_PARTNERS = 10_000

/** For texts that come often and end soon: those of at most a minute and the others have one half each. */
export function leasedAllowance(sums: Sums, key: string, bound: number, clock: Clock): ByteAllowance {
  const allowance = bound / WINDOWS_ALIVE / 2
  const brief = createLease(sums, `${key} brief`, allowance, MINUTE_MS, clock)
  const long = createLease(sums, `${key} long`, allowance, HOUR_MS, clock)
  return { take: (bytes, ttlMs) => (ttlMs <= MINUTE_MS ? brief : long).take(bytes, ttlMs) }
}

/**
 * For texts that are written anew under their keys long before they end: each pays, in each instance, once for so many
 * windows as it lives, and until they are over for no other writing of it. So what is there was paid for within twice as
 * many, and stands in one window more. Those of at most a day and the others have one half each, and of neither may anybody
 * take it all.
 */
export function renewedAllowance(sums: Sums, key: string, bound: number, clock: Clock): ByteAllowance {
  const allowance = bound / RENEWED_WINDOWS / 2
  const daily = createShares(sums, `${key} daily`, allowance, DAY_MS, clock)
  const lasting = createShares(sums, `${key} lasting`, allowance, WEEK_MS, clock)
  const paid = new LRUCache<string, { readonly bytes: number; readonly untilMs: number }>({ max: MOST_PAID })
  return {
    async take(bytes, ttlMs, text, by = '') {
      const before = paid.get(text)
      const nowMs = clock.now()
      if (before !== undefined && before.bytes >= bytes && nowMs < before.untilMs) return true
      const windowMs = ttlMs <= DAY_MS ? DAY_MS : WEEK_MS
      if (!(await (windowMs === DAY_MS ? daily : lasting).take(bytes, ttlMs, by))) return false
      paid.set(text, { bytes, untilMs: nowMs + windowsOf(ttlMs, windowMs) * windowMs })
      return true
    },
  }
}

/** For texts that come seldom and stay long: counted one by one, and nobody may take it all. */
export function sharedOutAllowance(sums: Sums, key: string, bound: number): ByteAllowance {
  const allowance = bound / WINDOWS_ALIVE
  const within = async (name: string, amount: number, limit: number) =>
    (await sums.addWithin(name, amount, limit, DAY_MS)).isWithin
  return {
    async take(bytes, ttlMs, _key, by = '') {
      const amount = bytes * windowsOf(ttlMs, DAY_MS)
      return (await within(`${key} of ${by}`, amount, allowance / SHARES)) && within(key, amount, allowance)
    },
  }
}

/** What lives for several windows counts in each. */
function windowsOf(ttlMs: number, windowMs: number): number {
  return Math.max(1, Math.ceil(ttlMs / windowMs))
}

interface Shares {
  take(bytes: number, ttlMs: number, by: string): Promise<boolean>
}

/** What is leased for all, each partner's share of it by itself before. */
function createShares(sums: Sums, key: string, allowance: number, windowMs: number, clock: Clock): Shares {
  const all = createLease(sums, key, allowance, windowMs, clock)
  const shares = new LRUCache<string, Lease>({ max: MOST_PARTNERS })
  const shareOf = (by: string) => {
    const share = shares.get(by) ?? createLease(sums, `${key} of ${by}`, allowance / SHARES, windowMs, clock)
    shares.set(by, share)
    return share
  }
  return { take: async (bytes, ttlMs, by) => (await shareOf(by).take(bytes, ttlMs)) && all.take(bytes, ttlMs) }
}

interface Lease {
  take(bytes: number, ttlMs: number): Promise<boolean>
}

function createLease(sums: Sums, key: string, allowance: number, windowMs: number, clock: Clock): Lease {
  let left = 0
  let endsAt = Number.NEGATIVE_INFINITY
  let isSpent = false
  let asking: Promise<void> | null = null

  async function ask(amount: number): Promise<void> {
    const { isWithin, remainingMs } = await sums.addWithin(key, amount, allowance, windowMs)
    const now = clock.now()
    left = isWithin ? amount + (now < endsAt ? left : 0) : 0
    isSpent = !isWithin
    // Written so that a figure that is none ends it too.
    endsAt = now + (remainingMs > 0 ? remainingMs : FRESH_LEASE_MS)
  }

  return {
    async take(bytes, ttlMs) {
      const amount = bytes * windowsOf(ttlMs, windowMs)
      const piece = Math.max(amount, Math.floor(allowance / LEASES))
      while (clock.now() >= endsAt || left < amount) {
        if (isSpent && clock.now() < endsAt) return false
        // One asks for all that have come meanwhile, and each looks again.
        asking ??= ask(piece).finally(() => {
          asking = null
        })
        await asking
      }
      left -= amount
      return true
    },
  }
}
