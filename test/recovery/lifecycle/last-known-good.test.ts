import { describe, expect, test } from '@jest/globals'
import { LIFECYCLES } from '../../../src/model/system.ts'
import { contradictionOf } from '../../../src/recovery/fold/contradiction.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { suspend } from '../../../src/recovery/lifecycle/closing.ts'
import { mayBeGiven, restorationOf } from '../../../src/recovery/lifecycle/last-known-good.ts'
import { servesLastKnownGood } from '../../../src/recovery/lifecycle/served.ts'
import type { RecoverySnapshot } from '../../../src/recovery/recovery.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  emptySnapshot,
  indicatorReport,
  msAt,
  PARTS,
  RULES,
  recorded,
  roadTo,
  transition,
} from '../fold/statements.ts'

const folded = (...statements: readonly Statement[]) => fold(emptySnapshot(), recorded(statements), RULES)
const next = (snapshot: RecoverySnapshot, statement: Statement) =>
  fold(snapshot, recorded([statement], snapshot.state.head.sequence), RULES)
const parts = ({ state }: RecoverySnapshot) => state.systems[PARTS]
const closing = (facts: { last_known_good?: boolean; distrust_since?: string } = {}, hours = 34) =>
  transition('OPEN', 'SUSPENDED', facts, { hours })
const allowed = () => folded(...roadTo('OPEN'), closing({ last_known_good: true }))

/** Whether what was read of an open system two hours after it opened may be given an hour after the last entry. */
function isGiven(snapshot: RecoverySnapshot, hours = 33.5, nowHours = 40): boolean {
  const restoration = restorationOf(folded(...roadTo('OPEN')).state, PARTS)
  const read = { beganMs: msAt(hours), endedMs: msAt(hours) + 10, restoration }
  // The journal of these tests begins alike in every story.
  return mayBeGiven(read, snapshot.state, PARTS, msAt(nowHours))
}

describe('a suspension that a person orders', () => {
  test('allows what was read before only where the statement says so', () => {
    expect(parts(folded(...roadTo('OPEN'), closing())).suspension?.lastKnownGood).toBe(false)
    expect(parts(folded(...roadTo('OPEN'), closing({ last_known_good: false }))).suspension?.lastKnownGood).toBe(false)
    expect(parts(allowed()).suspension).toMatchObject({ cause: 'ORDERED', lastKnownGood: true, recorded: true })
  })

  test('forbids it again by a second one, and can never allow it by one', () => {
    const known = { isKnownSite: () => true, columnsOf: () => null, systemsOf: () => null }
    const again = (facts: object, snapshot: RecoverySnapshot) =>
      contradictionOf(transition('SUSPENDED', 'SUSPENDED', facts, { hours: 35 }), snapshot.state, known)
    const forbidden = folded(...roadTo('OPEN'), closing())
    expect(again({}, allowed())).toBeNull()
    expect(again({ last_known_good: true, distrust_since: at(30) }, allowed())).toBeNull()
    expect(again({ last_known_good: true }, allowed())).toContain('or leave out last_known_good')
    expect(again({}, forbidden)).toContain('another suspension has to give distrust_since')
    expect(again({ last_known_good: true, distrust_since: at(30) }, forbidden)).toContain('cannot allow it')
    const after = next(allowed(), transition('SUSPENDED', 'SUSPENDED', {}, { hours: 35 }))
    expect(parts(after)).toMatchObject({ since: at(35), suspension: { lastKnownGood: false, from: 'OPEN' } })
  })

  test('keeps allowing it, but for what is distrusted, where a second one says both', () => {
    const facts = { last_known_good: true, distrust_since: at(33) }
    const after = next(allowed(), transition('SUSPENDED', 'SUSPENDED', facts, { hours: 35 }))
    expect(parts(after).suspension).toMatchObject({ lastKnownGood: true, distrustSince: at(33) })
    expect(isGiven(after, 32.9)).toBe(true)
    expect(isGiven(after, 33)).toBe(false)
  })
})

describe('what the gateway closes by itself', () => {
  const observed = { reason: 'r', at: at(35), distrustSince: null, recorded: false } as const

  test.each(['FEED_SILENT', 'JOURNAL_OUT_OF_REACH', 'FOREIGN_ROWS', 'JOURNAL_NOT_VERIFIED'] as const)(
    'for %s never allows it, and takes a permission away: its own entry is written',
    cause => {
      const first = suspend(folded(...roadTo('OPEN')), PARTS, { ...observed, cause })
      expect(parts(first).suspension?.lastKnownGood).toBe(false)
      const second = suspend(allowed(), PARTS, { ...observed, cause })
      expect(parts(second).suspension).toMatchObject({ cause, lastKnownGood: false, recorded: false, from: 'OPEN' })
      expect(suspend(second, PARTS, { ...observed, cause })).toBe(second)
    },
  )

  test('takes it away without its cause where the standing one is graver', () => {
    const graver = folded(...roadTo('OPEN'), closing({ last_known_good: true, distrust_since: at(33) }))
    const after = parts(suspend(graver, PARTS, { ...observed, cause: 'FEED_SILENT' }))
    expect(after.suspension).toMatchObject({ cause: 'ORDERED', lastKnownGood: false, distrustSince: at(33) })
  })

  test('for an indicator takes it away in the fold', () => {
    expect(parts(next(allowed(), indicatorReport({}, { hours: 35 }))).suspension).toMatchObject({
      cause: 'INDICATOR_REPORTED',
      lastKnownGood: false,
    })
  })
})

describe('who may have what a suspended system gave', () => {
  test('is whom it answered before', () => {
    const limited = [...roadTo('LIMITED_OPEN'), transition('LIMITED_OPEN', 'SUSPENDED', { last_known_good: true })]
    const before = parts(folded(...roadTo('LIMITED_OPEN')))
    const after = parts(folded(...limited))
    expect(before.waves).toEqual([1])
    expect([1, 2, null].map(wave => servesLastKnownGood(after, wave))).toEqual([true, false, false])
    expect([1, 2, null].map(wave => servesLastKnownGood(parts(allowed()), wave))).toEqual([true, true, true])
    const verified = [...roadTo('VERIFIED'), transition('VERIFIED', 'SUSPENDED', { last_known_good: true })]
    expect(servesLastKnownGood(parts(folded(...verified)), 1)).toBe(false)
  })

  test('is nobody without the permission, or where the system is not suspended', () => {
    expect(servesLastKnownGood(parts(folded(...roadTo('OPEN'), closing())), 1)).toBe(false)
    const { suspension } = parts(allowed())
    for (const lifecycle of LIFECYCLES.filter(each => each !== 'SUSPENDED'))
      expect(servesLastKnownGood({ lifecycle, waves: [1], suspension }, 1)).toBe(false)
  })
})

describe('what was read of a system', () => {
  test('may be given while it is open, and in a suspension that allows it', () => {
    expect(isGiven(folded(...roadTo('OPEN')))).toBe(true)
    expect(isGiven(allowed())).toBe(true)
    expect(isGiven(folded(...roadTo('OPEN'), closing()))).toBe(false)
  })

  test('is never given in a lifecycle that serves nobody, nor after it', () => {
    const quarantined = next(allowed(), transition('SUSPENDED', 'QUARANTINED', {}, { hours: 36 }))
    const verified = next(quarantined, transition('QUARANTINED', 'VERIFIED', {}, { hours: 37 }))
    const reopened = next(verified, transition('VERIFIED', 'LIMITED_OPEN', { waves: [1] }, { hours: 38 }))
    for (const snapshot of [quarantined, verified, reopened]) expect(isGiven(snapshot)).toBe(false)
    const isolated = next(folded(...roadTo('OPEN')), transition('OPEN', 'ISOLATED', {}, { hours: 36 }))
    expect(isGiven(isolated)).toBe(false)
  })

  test('is given after a suspension that left it beyond doubt', () => {
    const facts = { waves: [1] }
    expect(isGiven(next(allowed(), transition('SUSPENDED', 'LIMITED_OPEN', facts, { hours: 36 })))).toBe(true)
  })

  test('is never given again where it was read, for any moment, while the system was distrusted', () => {
    const distrusted = next(
      folded(...roadTo('OPEN'), closing({ distrust_since: at(33) })),
      transition('SUSPENDED', 'LIMITED_OPEN', { waves: [1] }, { hours: 36 }),
    )
    expect(parts(distrusted).distrusted).toEqual([{ since: at(33), until: at(36) }])
    expect([32.5, 33, 35.9, 36].map(hours => isGiven(distrusted, hours))).toEqual([true, false, false, true])
    const restoration = restorationOf(distrusted.state, PARTS)
    const read = (beganMs: number, endedMs: number) =>
      mayBeGiven({ beganMs, endedMs, restoration }, distrusted.state, PARTS, msAt(40))
    expect(read(msAt(33) - 10, msAt(33) - 1)).toBe(true)
    expect(read(msAt(33) - 10, msAt(33))).toBe(false)
    expect(read(msAt(36) - 1, msAt(36) + 10)).toBe(false)
    expect(read(msAt(30), msAt(39))).toBe(false)
  })

  test('is never given out of another restoration, nor out of another journal', () => {
    const snapshot = folded(...roadTo('OPEN'))
    const { head, systems } = snapshot.state
    const system = parts(snapshot)
    const other = (restoration: Partial<NonNullable<typeof system.restoration>>) => ({
      head,
      systems: {
        ...systems,
        [PARTS]: { ...system, restoration: system.restoration && { ...system.restoration, ...restoration } },
      },
    })
    const read = { beganMs: msAt(34), endedMs: msAt(34), restoration: restorationOf(snapshot.state, PARTS) }
    const given = (state: Parameters<typeof mayBeGiven>[1]) => mayBeGiven(read, state, PARTS, msAt(40))
    expect(given(other({}))).toBe(true)
    expect(given(other({ manifest: 'another' }))).toBe(false)
    expect(given({ head: { ...head, journal: 'another' }, systems })).toBe(false)
  })

  test('is never given as of a time that is still to come, beyond what two clocks may differ by', () => {
    const snapshot = folded(...roadTo('OPEN'))
    expect(isGiven(snapshot, 40 + 50 / 3_600)).toBe(true)
    expect(isGiven(snapshot, 40 + 70 / 3_600)).toBe(false)
  })
})
