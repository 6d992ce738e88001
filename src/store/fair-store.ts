import type { Clock } from '../model/clock.ts'

/**
 * A bounded memory that partners share fairly. Each entry counts, with all it holds, for the one who caused it; where
 * the bound is met, the least recently used entry goes of one who holds more than half of what the largest holds. So
 * nobody can push out what others hold as long as they hold half as much or less, whatever is asked. Called by every
 * cache of this process that partners fill. No timers, and no call costs more for there being more entries or owners.
 */
export interface FairStore<V> {
  /** The value, now the most recently used one of its owner; undefined: not there, or its time is over. */
  get(key: string): V | undefined
  /**
   * Keeps the value until `expiresAtMs` (milliseconds since the Unix epoch; Infinity: as long as there is room), in
   * place of what was under the key. `bytes` is all that it takes, the key and the entry included, and counts as 1 at least.
   * False: it is not kept, because it alone is larger than an eighth of the bound, because its time is over, or because
   * its owner would hold most of all by this one alone.
   */
  set(key: string, value: V, bytes: number, owner: string, expiresAtMs: number): boolean
  /** More (or less) bytes for an entry that is still this value; what that pushes out goes. */
  resize(key: string, value: V, bytes: number): void
  delete(key: string): void
  clear(): void
  /** All that is kept, in no order, none of it used by that; to be walked at once. */
  values(): Iterable<V>
  readonly size: number
  /** Never more than the bound. */
  readonly bytes: number
  /** Of one owner. */
  bytesOf(owner: string): number
}

export interface FairStoreOptions {
  /** Most that all entries take together; 0: none are kept. */
  readonly maxBytes: number
  readonly clock: Clock
  /** Is told of each entry that went by itself, not of those that were replaced, deleted or cleared. */
  readonly onEvict?: (reason: 'room' | 'expired') => void
}

/** In a chain of its kind; null: the first, the last, or in none. */
interface Link<T> {
  before: T | null
  after: T | null
}

/** First and last of what hangs together by its links, so that any of them is taken out at the same small cost. */
interface Chain<T> {
  first: T | null
  last: T | null
}

interface Entry<V> extends Link<Entry<V>> {
  readonly key: string
  readonly value: V
  readonly owner: Owner<V>
  readonly expiresAtMs: number
  bytes: number
}

/** The chain of an owner's entries, the least recently used first; it stands among those who hold about as much. */
interface Owner<V> extends Chain<Entry<V>>, Link<Owner<V>> {
  readonly name: string
  bytes: number
  peers: Chain<Owner<V>> | null
}

/** So small that one entry is never worth the room of all others. */
const LARGEST_PART = 1 / 8
/** With so many looked at for each one set, those that are over take at most about a third of what the others take. */
const SWEPT_PER_SET = 4
/** Binary orders of magnitude of whole numbers. */
const MAGNITUDES = 53

export function createFairStore<V>({ maxBytes, clock, onEvict }: FairStoreOptions): FairStore<V> {
  const entries = new Map<string, Entry<V>>()
  const owners = new Map<string, Owner<V>>()
  const magnitudes = Array.from({ length: MAGNITUDES }, (): Chain<Owner<V>> => ({ first: null, last: null }))
  let cursor = entries.values()
  let total = 0

  function ownerOf(name: string): Owner<V> {
    const known = owners.get(name)
    if (known !== undefined) return known
    const owner: Owner<V> = { name, bytes: 0, peers: null, first: null, last: null, before: null, after: null }
    owners.set(name, owner)
    return owner
  }

  /** Counts bytes for or off an owner, and puts it among its peers. */
  function count(owner: Owner<V>, bytes: number): void {
    total += bytes
    owner.bytes += bytes
    const peers = owner.bytes === 0 ? null : (magnitudes[magnitudeOf(owner.bytes)] ?? null)
    if (peers === owner.peers) return
    if (owner.peers !== null) detach(owner.peers, owner)
    if (peers !== null) append(peers, owner)
    owner.peers = peers
  }

  function remove(entry: Entry<V>): void {
    const { key, owner, bytes } = entry
    entries.delete(key)
    detach(owner, entry)
    count(owner, -bytes)
    if (owner.first === null) owners.delete(owner.name)
  }

  /** Whatever the occasion, what is over has expired: only what could still be given makes room. */
  function evict(entry: Entry<V>, now: number): void {
    remove(entry)
    onEvict?.(entry.expiresAtMs <= now ? 'expired' : 'room')
  }

  /** Whoever holds most, within a factor of two. Those who do pay in turn. */
  function nextToPay(): Owner<V> | null {
    const peers = magnitudes.findLast(({ first }) => first !== null)
    if (!peers?.first) return null
    const payer = peers.first
    detach(peers, payer)
    append(peers, payer)
    return payer
  }

  function makeRoom(now: number): void {
    while (total > maxBytes) {
      const leastUsed = nextToPay()?.first
      if (!leastUsed) return
      evict(leastUsed, now)
    }
  }

  /** Walks all entries again and again, some steps at a time, so that nothing stays for good that nobody asks for. */
  function sweep(now: number): void {
    for (let step = 0; step < SWEPT_PER_SET; step += 1) {
      const { done, value } = cursor.next()
      if (done) {
        cursor = entries.values()
        return
      }
      if (value.expiresAtMs <= now) evict(value, now)
    }
  }

  /** Written so that a figure that is none is refused. */
  const fits = (bytes: number) => bytes <= maxBytes * LARGEST_PART

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      // What never expires is not worth a look at the clock.
      if (entry.expiresAtMs < Infinity && entry.expiresAtMs <= clock.now()) {
        evict(entry, clock.now())
        return undefined
      }
      const { owner } = entry
      if (owner.last !== entry) {
        detach(owner, entry)
        append(owner, entry)
      }
      return entry.value
    },
    set(key, value, bytes, owner, expiresAtMs) {
      const now = clock.now()
      const replaced = entries.get(key)
      if (replaced !== undefined) remove(replaced)
      sweep(now)
      const counted = counts(bytes)
      if (!fits(counted) || !(expiresAtMs > now)) return false
      const by = ownerOf(owner)
      const entry = { key, value, owner: by, expiresAtMs, bytes: counted, before: null, after: null }
      entries.set(key, entry)
      append(by, entry)
      count(by, counted)
      makeRoom(now)
      return entries.get(key) === entry
    },
    resize(key, value, bytes) {
      const entry = entries.get(key)
      if (entry === undefined || entry.value !== value) return
      const counted = counts(bytes)
      if (!fits(counted)) return evict(entry, clock.now())
      count(entry.owner, counted - entry.bytes)
      entry.bytes = counted
      if (total > maxBytes) makeRoom(clock.now())
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) remove(entry)
    },
    clear() {
      for (const peers of magnitudes) {
        peers.first = null
        peers.last = null
      }
      entries.clear()
      owners.clear()
      cursor = entries.values()
      total = 0
    },
    *values() {
      const now = clock.now()
      for (const { value, expiresAtMs } of entries.values()) if (expiresAtMs > now) yield value
    },
    get size() {
      return entries.size
    },
    get bytes() {
      return total
    },
    bytesOf: owner => owners.get(owner)?.bytes ?? 0,
  }
}

/** In whole bytes, whose sums are exact, and never for nothing. */
function counts(bytes: number): number {
  return Math.max(1, Math.ceil(bytes))
}

/** ⌊log2⌋ of a whole number from 1 on; exact, as Math.log2 is not. */
function magnitudeOf(bytes: number): number {
  const high = Math.floor(bytes / 2 ** 32)
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(bytes)
}

function append<T extends Link<T>>(chain: Chain<T>, item: T): void {
  item.before = chain.last
  item.after = null
  if (chain.last === null) chain.first = item
  else chain.last.after = item
  chain.last = item
}

function detach<T extends Link<T>>(chain: Chain<T>, item: T): void {
  if (item.before === null) chain.first = item.after
  else item.before.after = item.after
  if (item.after === null) chain.last = item.before
  else item.after.before = item.before
  item.before = null
  item.after = null
}
