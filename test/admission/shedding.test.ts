import { describe, expect, test } from '@jest/globals'
import { createShedding, type Shed } from '../../src/admission/shedding.ts'
import { createTurnRoom } from '../../src/admission/turn-room.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { viewerOf } from './viewer.ts'

const retailer = viewerOf('BPNL0000000ALPHA')
const internal = { ...retailer, partner: { ...retailer.partner, roles: ['INTERNAL' as const] } }
/** As many as it takes to use up what is kept for all of them, in turn. */
const retailers = Array.from({ length: 20 }, (_, n) => viewerOf(`BPNL${String(n).padStart(12, '0')}`))
const NO_SYSTEM: ReadonlySet<SystemKey> = new Set()
const PARTS: ReadonlySet<SystemKey> = new Set(['PARTS_LOGISTICS'])
const RESERVED = 8

function start() {
  let nowMs = 0
  const load = { pressure: 0, places: Infinity }
  const counts: Record<Shed, number> = { unknown: 0, execution: 0 }
  let passed = 0
  let sample = 0
  const shedding = createShedding({
    monitor: {
      pressure: () => load.pressure,
      isOverloaded: () => load.pressure > 0,
      room: {
        ...createTurnRoom(5),
        has: () => load.places >= 1,
        take() {
          if (load.places < 1) return false
          load.places -= 1
          return true
        },
        owe() {
          load.places -= 1
        },
        passed() {
          passed += 1
        },
      },
    },
    reservedPerSecond: RESERVED,
    clock: { now: () => nowMs },
    onShed(shed) {
      counts[shed] += 1
    },
    // Evenly over all shares.
    random: () => {
      sample = (sample + 0.01) % 1
      return sample
    },
  })
  /** Of so many, how many are refused. */
  const refused = (ask: () => boolean, of = 1_000) => Array.from({ length: of }, ask).filter(Boolean).length
  const advance = (ms: number) => {
    nowMs += ms
  }
  return { shedding, load, counts, refused, advance, passed: () => passed }
}

test('without pressure nothing is refused', () => {
  const { shedding, refused } = start()
  expect(shedding.isNeeded()).toBe(false)
  expect(refused(() => shedding.refusesUnknown(true))).toBe(0)
  expect(refused(() => shedding.refusesExecution(retailer, PARTS))).toBe(0)
})

describe('under pressure', () => {
  test('a growing share of those whom nobody knows is refused; for memory, of what would have to be executed too', () => {
    const { shedding, load, refused } = start()
    const shares = [0.5, 1, 1.5, 1.9].map(pressure => {
      load.pressure = pressure
      return [
        refused(() => shedding.refusesUnknown(false)),
        refused(() => shedding.refusesExecution(retailer, PARTS)),
      ].map(count => Math.round(count / 100) / 10)
    })
    expect(shares).toEqual([
      [0.5, 0],
      [1, 0],
      [1, 0.5],
      [1, 0.9],
    ])
  })

  test('executions are begun as long as there is room in the turn, and then nobody new is looked at either', () => {
    const { shedding, load, refused, passed } = start()
    Object.assign(load, { pressure: 0.05, places: 7 })
    expect(refused(() => shedding.refusesExecution(retailer, PARTS))).toBe(993)
    expect(refused(() => shedding.refusesUnknown(false))).toBe(1_000)
    expect(passed()).toBe(1_993)
  })

  test('what the reserve lets in is owed by the turns to come', () => {
    const { shedding, load, refused } = start()
    Object.assign(load, { pressure: 0.05, places: 0 })
    const letIn = 5 - refused(() => shedding.refusesExecution(internal, PARTS), 5)
    expect(letIn).toBeGreaterThan(0)
    expect(load.places).toBe(-letIn)
  })
})

describe('the reserve', () => {
  const critical = [
    ['what reads only the state of the gateway itself', retailers, NO_SYSTEM],
    ["the manufacturer's own applications", [internal], PARTS],
  ] as const

  test.each(critical)('lets in %s, so many a second, when all else is refused', (_, viewers, systems) => {
    const { shedding, load, refused, advance } = start()
    Object.assign(load, { pressure: 1, places: 0 })
    const refusedOfAll = () =>
      viewers.reduce((sum, viewer) => sum + refused(() => shedding.refusesExecution(viewer, systems), 5), 0)
    refusedOfAll()
    let letIn = 0
    for (let tenth = 0; tenth < 100; tenth += 1) {
      advance(100)
      letIn += viewers.length * 5 - refusedOfAll()
      expect(refused(() => shedding.refusesExecution(retailer, PARTS), 100)).toBe(100)
    }
    expect(letIn).toBe(RESERVED * 10)
  })

  test('one partner cannot use up what is kept for all', () => {
    const { shedding, load, advance } = start()
    Object.assign(load, { pressure: 1, places: 0 })
    const [other, ...rest] = retailers
    let ofFlood = 0
    for (let second = 0; second < 10; second += 1) {
      advance(1_000)
      for (let n = 0; n < 2_000; n += 1) if (!shedding.refusesExecution(retailer, NO_SYSTEM)) ofFlood += 1
      expect(shedding.refusesExecution(internal, PARTS)).toBe(false)
      // Each of them once, for as many as there are places.
      expect(shedding.refusesExecution(rest[second] ?? internal, NO_SYSTEM)).toBe(false)
    }
    expect(ofFlood).toBeLessThanOrEqual(RESERVED)
    expect(other && shedding.refusesExecution(other, NO_SYSTEM)).toBe(false)
  })

  test('is not used up by strangers, nor by what nobody has read yet', () => {
    const { shedding, load, refused } = start()
    Object.assign(load, { pressure: 1, places: 0 })
    const strangers = refused(() => shedding.refusesUnknown(true))
    const unread = refused(() => shedding.refusesExecution(retailer, null))
    expect([strangers, unread]).toEqual([998, 998])
    expect(shedding.refusesExecution(retailer, NO_SYSTEM)).toBe(false)
    expect(shedding.refusesExecution(internal, null)).toBe(false)
  })

  test('has no part for a request without a token', () => {
    const { shedding, load, refused } = start()
    Object.assign(load, { pressure: 1, places: 0 })
    expect(refused(() => shedding.refusesUnknown(false))).toBe(1_000)
    expect(shedding.refusesUnknown(true)).toBe(false)
  })

  test('what is refused is counted, and what the reserve lets in is not', () => {
    const { shedding, load, counts, refused } = start()
    Object.assign(load, { pressure: 1, places: 0 })
    refused(() => shedding.refusesUnknown(true), 10)
    refused(() => shedding.refusesExecution(internal, PARTS), 10)
    expect(counts).toEqual({ unknown: 8, execution: 8 })
  })
})
