import { equal, ok } from 'node:assert/strict'
import { createFairStore } from '../../src/store/fair-store.ts'

/**
 * A fair store that is watched: a naive model follows it, and each thing that it throws out is judged as it goes. Called
 * by the property test, so often that its checks must be cheap. The model learns from the bytes of the owners what went,
 * so no two entries may have equal bytes.
 */
export interface Setting {
  readonly key: string
  readonly value: number
  readonly bytes: number
  readonly owner: string
  readonly expiresAtMs: number
}

export function createWatchedStore(maxBytes: number, owners: readonly string[]) {
  let nowMs = 0
  /** The least recently used one first. */
  let kept: Setting[] = []
  /** What is being set; the store lets go of what is over before it takes it in, and makes room after that. */
  let pending: Setting | null = null
  const store = createFairStore<number>({ maxBytes, clock: { now: () => nowMs }, onEvict: judge })

  const heldBy = (owner: string) => sum(kept.filter(entry => entry.owner === owner))
  const oldestOf = (owner: string) => kept.find(entry => entry.owner === owner)
  const without = (gone: Setting | undefined) => kept.filter(entry => entry !== gone)

  function takeIn(): void {
    if (pending !== null) kept = [...kept, pending]
    pending = null
  }

  function judge(reason: 'room' | 'expired'): void {
    if (store.size === kept.length) takeIn()
    const payer = owners.find(owner => store.bytesOf(owner) !== heldBy(owner)) ?? 'nobody'
    const lost = heldBy(payer) - store.bytesOf(payer)
    const victim = kept.find(entry => entry.owner === payer && entry.bytes === lost)
    ok(victim, `${payer} lost ${lost} bytes, which no entry of its has`)
    equal(reason, victim.expiresAtMs <= nowMs ? 'expired' : 'room')
    if (reason === 'room') {
      const most = Math.max(...owners.map(heldBy))
      ok(sum(kept) > maxBytes, 'an entry went though there was room')
      ok(heldBy(payer) * 2 > most, `${payer} paid, who held ${heldBy(payer)} bytes where another held ${most}`)
      equal(victim, oldestOf(payer), 'one went that was not the least recently used')
    }
    kept = without(victim)
  }

  function expectAgreement(): void {
    ok(store.bytes <= maxBytes, `${store.bytes} bytes are kept where ${maxBytes} may be`)
    equal(store.bytes, sum(kept))
    equal(store.size, kept.length)
    for (const owner of owners) equal(store.bytesOf(owner), heldBy(owner))
  }

  return {
    get(key: string) {
      const found = kept.find(entry => entry.key === key)
      const isOver = found !== undefined && found.expiresAtMs <= nowMs
      equal(store.get(key), isOver ? undefined : found?.value)
      if (found !== undefined && !isOver) kept = [...without(found), found]
      expectAgreement()
    },
    set(entry: Setting) {
      kept = kept.filter(({ key }) => key !== entry.key)
      const mayStay = entry.bytes <= maxBytes / 8 && entry.expiresAtMs > nowMs
      pending = mayStay ? entry : null
      const isKept = store.set(entry.key, entry.value, entry.bytes, entry.owner, entry.expiresAtMs)
      takeIn()
      equal(isKept, kept.includes(entry))
      expectAgreement()
    },
    resize(key: string, bytes: number) {
      // What grows larger than may be kept has a test of its own.
      if (bytes > maxBytes / 8) return
      const found = kept.find(entry => entry.key === key)
      kept = kept.map(entry => (entry === found ? { ...entry, bytes } : entry))
      store.resize(key, found?.value ?? -1, bytes)
      expectAgreement()
    },
    delete(key: string) {
      store.delete(key)
      kept = kept.filter(entry => entry.key !== key)
      expectAgreement()
    },
    clear() {
      store.clear()
      kept = []
      expectAgreement()
    },
    wait(ms: number) {
      nowMs += ms
    },
    nowMs: () => nowMs,
  }
}

function sum(entries: readonly Setting[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0)
}
