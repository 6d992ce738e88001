import { describe, expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { createLiveState } from '../../../src/recovery/live/live-state.ts'
import type { RecoverySnapshot } from '../../../src/recovery/recovery.ts'
import { at, emptySnapshot, msAt, PARTS, RULES, recorded, roadTo, transition } from '../fold/statements.ts'

/** Parts logistics is open; its attestations end 17 hours after the beginning of these tests. */
const road = roadTo('OPEN')
const opened = fold(emptySnapshot(), recorded(road), RULES)
const next = (from: RecoverySnapshot, ...steps: Parameters<typeof recorded>[0]) =>
  fold(from, recorded(steps, from.state.head.sequence), RULES)

function liveAt(hours: number, initial = opened) {
  let nowMs = msAt(hours)
  const live = createLiveState({ initial, rules: RULES, clock: { now: () => nowMs } })
  const system = () => live.current().state.systems[PARTS]
  return {
    live,
    system,
    passTo: (later: number) => {
      nowMs = msAt(later)
    },
  }
}
const until = Date.parse(opened.state.systems[PARTS].attestations.at(-1)?.expiresAt ?? '')
const expiryHours = (until - msAt(0)) / 3_600_000
const justBefore = expiryHours - 0.1

describe('what a system rests on', () => {
  test('is looked at with every look at the state: at the very instant of its end the system is closed', () => {
    const { system, passTo } = liveAt(justBefore)
    expect(system().lifecycle).toBe('OPEN')
    passTo(expiryHours)
    expect(system()).toMatchObject({
      lifecycle: 'SUSPENDED',
      suspension: { cause: 'ATTESTATION_EXPIRED', recorded: false },
    })
  })

  test('costs nothing while nothing changes: the state is the same object', () => {
    const { live } = liveAt(justBefore)
    const before = live.current()
    expect(live.current()).toBe(before)
  })

  test('stays closed here although another instance, whose clock is slower, has let a renewal in', () => {
    const { live, system, passTo } = liveAt(expiryHours)
    expect(system().lifecycle).toBe('SUSPENDED')
    // As the other one recorded it: before the end.
    const renewed = road
      .filter(({ kind }) => kind === 'restore-attestation')
      .map(one => ({ ...one, id: one.id.replace(/^./, 'f'), issuedAt: at(justBefore), expiresAt: at(expiryHours + 9) }))
    live.become(next(opened, ...renewed))
    passTo(expiryHours + 1)
    expect(system().lifecycle).toBe('SUSPENDED')
  })
})

describe('what an instance has seen for itself', () => {
  const foreign = { cause: 'FOREIGN_ROWS', reason: 'part gave 1 row of another owner' } as const
  const silent = { cause: 'FEED_SILENT', reason: 'the data is old' } as const

  test('closes at once and is told to whoever listens, once', async () => {
    const { live, system } = liveAt(justBefore)
    const told: string[] = []
    live.onChange((before, after) =>
      told.push(`${before.state.systems[PARTS].lifecycle} → ${after.state.systems[PARTS].lifecycle}`),
    )
    live.current()
    live.close(PARTS, foreign)
    live.close(PARTS, foreign)
    expect(system().suspension).toMatchObject({ cause: 'FOREIGN_ROWS', recorded: false })
    await Promise.resolve()
    expect(told).toEqual(['OPEN → SUSPENDED'])
    expect(live.unrecorded()).toMatchObject([{ system: PARTS, closing: { cause: 'FOREIGN_ROWS' } }])
  })

  test('takes the place of a lesser cause, and is not displaced by one', () => {
    const { live, system } = liveAt(justBefore)
    live.close(PARTS, silent)
    live.close(PARTS, foreign)
    expect(system().suspension?.cause).toBe('FOREIGN_ROWS')
    live.close(PARTS, silent)
    expect(system().suspension?.cause).toBe('FOREIGN_ROWS')
  })

  const suspend = transition('OPEN', 'SUSPENDED', {}, { hours: justBefore })
  const reopen = transition('SUSPENDED', 'LIMITED_OPEN', { waves: [1] }, { hours: justBefore })

  test('gives way to a step out of a suspension where no data is in doubt', () => {
    const { live, system } = liveAt(justBefore)
    live.close(PARTS, silent)
    live.become(next(opened, suspend, reopen))
    expect(system().lifecycle).toBe('LIMITED_OPEN')
    expect(live.unrecorded()).toEqual([])
  })

  test('does not give way to it where data is in doubt: nobody can have known', () => {
    const { live, system } = liveAt(justBefore)
    live.close(PARTS, foreign)
    live.become(next(opened, suspend, reopen))
    expect(system().suspension?.cause).toBe('FOREIGN_ROWS')
  })

  test('gives way to quarantine, on which everything is shown anew, even when it is found again after a start', () => {
    const { live, system } = liveAt(justBefore)
    live.close(PARTS, foreign)
    const quarantined = next(opened, suspend, transition('SUSPENDED', 'QUARANTINED', {}, { hours: justBefore }))
    live.become(quarantined)
    expect([system().lifecycle, live.unrecorded()]).toEqual(['QUARANTINED', []])
    live.close(PARTS, { ...foreign, seen: { at: at(justBefore), sequence: opened.state.head.sequence } })
    expect([system().lifecycle, live.unrecorded()]).toEqual(['QUARANTINED', []])
  })

  test('means nothing for a system that could not be open', () => {
    const { live } = liveAt(justBefore, emptySnapshot())
    live.close(PARTS, foreign)
    expect(live.unrecorded()).toEqual([])
  })
})
