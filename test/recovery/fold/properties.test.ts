import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LIFECYCLES, SYSTEM_KEYS, type SystemKey } from '../../../src/model/system.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { isSound, standingAttestations } from '../../../src/recovery/lifecycle/attestations.ts'
import { lapse, nextLapseMs, suspend } from '../../../src/recovery/lifecycle/closing.ts'
import { isServed } from '../../../src/recovery/lifecycle/served.ts'
import type { RecoverySnapshot } from '../../../src/recovery/recovery.ts'
import { kindNamed, type Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import { systemUrn } from '../../../src/recovery/statements/vocabulary.ts'
import type { SystemState } from '../../../src/recovery/system-state.ts'
import {
  at,
  attestation,
  automaticClosing,
  BACKUP,
  BACKUPS,
  backlogMeasure,
  CHECKS,
  emptySnapshot,
  FORENSICS,
  failedAt,
  grant,
  incidentFact,
  indicatorReport,
  msAt,
  OWNER,
  PARTS,
  plannedReopening,
  type RoadStep,
  RULES,
  recorded,
  restartUpdate,
  revocation,
  roadStep,
  roadTo,
  SECURITY,
  siteRestart,
  transition,
} from './statements.ts'

const ROAD = LIFECYCLES.filter((lifecycle): lifecycle is RoadStep => lifecycle !== 'SUSPENDED')

/** What may be said at an hour about a system: likely things and unlikely ones, in any order. */
type Saying = (hours: number) => Statement

const systems = fc.constantFrom(...SYSTEM_KEYS)
const attesters = fc.constantFrom(OWNER, FORENSICS, SECURITY, BACKUPS)
const past = fc.integer({ min: -2_000, max: 0 }).map(at)

const infected = { ...BACKUP, malware_status: 'INFECTED' as const }
const unsound = {
  checks: fc.constantFrom(CHECKS, CHECKS, [failedAt('CREDENTIALS_ROTATED', 4)]),
  backup: fc.constantFrom(BACKUP, BACKUP, BACKUP, infected),
}

const about = (system: SystemKey): fc.Arbitrary<Saying> =>
  fc.oneof(
    fc.constantFrom(...ROAD).map(
      (to): Saying =>
        hours => ({ ...roadStep(to, system), issuedAt: at(hours) }),
    ),
    fc.constantFrom(...LIFECYCLES).map(
      (from): Saying =>
        hours =>
          transition(from, 'SUSPENDED', {}, { system, hours }),
    ),
    fc.record({ by: attesters, lifetimeHours: fc.integer({ min: 1, max: 30 }), ...unsound }).map(
      (facts): Saying =>
        hours =>
          attestation({ system, hours, ...facts }),
    ),
    fc.option(past).map(
      (since): Saying =>
        hours =>
          indicatorReport(since === null ? {} : { distrust_since: since }, { system, hours }),
    ),
    fc.constantFrom('FEED_SILENT', 'FOREIGN_ROWS').map(
      (cause): Saying =>
        hours =>
          automaticClosing({ cause, closed_at: at(hours) }, { system, hours }),
    ),
    fc.nat(50).map(
      (open): Saying =>
        hours =>
          backlogMeasure({ open }, { system, hours }),
    ),
  )

const elsewhere: fc.Arbitrary<Saying> = fc.oneof(
  fc.record({ revision: fc.integer({ min: 1, max: 3 }), earliest_intrusion_at: past }).map(
    (facts): Saying =>
      hours =>
        incidentFact(facts, { hours }),
  ),
  fc.record({ action: fc.constantFrom('REGISTER', 'CHANGE', 'DISABLE', 'ENABLE'), number: fc.nat(3) }).map(
    ({ action, number }): Saying =>
      hours =>
        grant(action, number, {}, { hours }),
  ),
  fc.nat(3).map(
    (number): Saying =>
      hours =>
        siteRestart(number, {}, { hours }),
  ),
  fc.nat(3).map(
    (number): Saying =>
      hours =>
        plannedReopening(`p-${number}`, {}, { hours }),
  ),
  fc.nat(3).map(
    (number): Saying =>
      hours =>
        restartUpdate(`u-${number}`, { headline: `At ${hours}.` }, { hours }),
  ),
  attesters.map(
    ({ keyId }): Saying =>
      hours =>
        revocation(`urn:key:${keyId}`, { hours }),
  ),
)

/** A system that is open already, and then anything: so that there is something to close. */
const journals = fc
  .record({
    opened: fc.constantFrom<readonly RoadStep[]>([], ['VERIFIED'], ['LIMITED_OPEN'], ['OPEN']),
    sayings: fc.array(fc.oneof(systems.chain(about), elsewhere), { maxLength: 25 }),
    gaps: fc.array(fc.nat(8), { minLength: 25, maxLength: 25 }),
  })
  .map(({ opened, sayings, gaps }) => {
    const hoursOf = (index: number) => gaps.slice(0, index + 1).reduce((hours, gap) => hours + gap, 34)
    const said = sayings.map((saying, index) => saying(hoursOf(index)))
    return recorded([...opened.flatMap(to => roadTo(to)), ...said])
  })

const instants = fc.integer({ min: 30, max: 300 }).map(msAt)
const isOpen = (system: SystemState) => isServed(system, 1)
const openSystems = ({ state }: RecoverySnapshot) => SYSTEM_KEYS.filter(key => isOpen(state.systems[key]))

describe('whatever stands in the journal', () => {
  test('folding it in two parts, at any entry, gives what folding it at once gives', () => {
    fc.assert(
      fc.property(journals, fc.nat(), (entries, cut) => {
        const at = entries.length === 0 ? 0 : cut % (entries.length + 1)
        const first = fold(emptySnapshot(), entries.slice(0, at), RULES)
        expect(fold(first, entries.slice(at), RULES)).toEqual(fold(emptySnapshot(), entries, RULES))
      }),
    )
  })

  test('folding it again changes nothing', () => {
    fc.assert(
      fc.property(journals, entries => {
        const once = fold(emptySnapshot(), entries, RULES)
        expect(fold(once, entries, RULES)).toBe(once)
      }),
    )
  })

  test('no entry but a transition ever opens a system', () => {
    fc.assert(
      fc.property(journals, entries => {
        let before = emptySnapshot()
        for (const entry of entries) {
          const after = fold(before, [entry], RULES)
          if (entry.statement.kind !== 'lifecycle-transition') {
            expect(openSystems(before)).toEqual(expect.arrayContaining(openSystems(after)))
          }
          before = after
        }
      }),
    )
  })

  test('a system is open only while two attestations hold, whatever transitions say', () => {
    fc.assert(
      fc.property(journals, entries => {
        const { state } = fold(emptySnapshot(), entries, RULES)
        const nowMs = Date.parse(state.head.recordedAt ?? at(0))
        for (const system of Object.values(state.systems).filter(isOpen)) {
          const holding = system.attestations.filter(({ expiresAt }) => Date.parse(expiresAt) > nowMs)
          expect(new Set(holding.map(({ signedBy }) => signedBy.keyId)).size).toBeGreaterThanOrEqual(2)
        }
      }),
    )
  })

  test('a system is open only while nobody attests against it', () => {
    fc.assert(
      fc.property(journals, entries => {
        const { state } = fold(emptySnapshot(), entries, RULES)
        const nowMs = Date.parse(state.head.recordedAt ?? at(0))
        for (const system of Object.values(state.systems).filter(isOpen))
          expect(standingAttestations(system, state, nowMs, RULES).filter(one => !isSound(one))).toEqual([])
      }),
    )
  })

  test('whatever closes a system can be put into words that the gateway signs', () => {
    const { claims } = kindNamed('automatic-closing')
    const words = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 1_900, maxLength: 5_000 }))
    fc.assert(
      fc.property(journals, instants, words, (entries, nowMs, reason) => {
        const lapsed = lapse(fold(emptySnapshot(), entries, RULES), nowMs, RULES)
        const observed = { cause: 'FOREIGN_ROWS', reason, at: at(300), distrustSince: at(1), recorded: false } as const
        const closed = SYSTEM_KEYS.reduce((before, key) => suspend(before, key, observed), lapsed)
        for (const { key, suspension } of [lapsed, closed].flatMap(({ state }) => Object.values(state.systems))) {
          if (suspension === null) continue
          const { cause, from, distrustSince } = suspension
          const said = { sub: systemUrn(key), cause, reason: suspension.reason, from, closed_at: suspension.at }
          const distrust = distrustSince === null ? {} : { distrust_since: distrustSince }
          expect(claims.safeParse({ ...said, ...distrust })).toMatchObject({ success: true })
        }
      }),
    )
  })

  test('a system is never suspended without a reason, nor otherwise with one', () => {
    fc.assert(
      fc.property(journals, entries => {
        const { state } = fold(emptySnapshot(), entries, RULES)
        for (const { lifecycle, suspension, distrusted } of Object.values(state.systems)) {
          expect(suspension !== null).toBe(lifecycle === 'SUSPENDED')
          expect(distrusted.filter(({ until }) => until === null).length).toBeLessThanOrEqual(1)
          if (suspension?.distrustSince) expect(distrusted.at(-1)?.until).toBeNull()
        }
      }),
    )
  })
})

describe('what lapses with time', () => {
  test('lapses alike at once and bit by bit, and never twice', () => {
    fc.assert(
      fc.property(journals, instants, instants, (entries, one, other) => {
        const snapshot = fold(emptySnapshot(), entries, RULES)
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        const atOnce = lapse(snapshot, late, RULES)
        expect(lapse(lapse(snapshot, early, RULES), late, RULES)).toEqual(atOnce)
        expect(lapse(atOnce, late, RULES)).toBe(atOnce)
        expect(lapse(atOnce, early, RULES)).toBe(atOnce)
      }),
    )
  })

  test('only closes', () => {
    fc.assert(
      fc.property(journals, instants, (entries, nowMs) => {
        const snapshot = fold(emptySnapshot(), entries, RULES)
        expect(openSystems(snapshot)).toEqual(expect.arrayContaining(openSystems(lapse(snapshot, nowMs, RULES))))
      }),
    )
  })

  test('lapses at the instant that was foretold, and not before', () => {
    fc.assert(
      fc.property(journals, entries => {
        const snapshot = fold(emptySnapshot(), entries, RULES)
        const nextMs = nextLapseMs(snapshot, RULES)
        if (!Number.isFinite(nextMs)) return
        expect(lapse(snapshot, nextMs - 1, RULES)).toBe(snapshot)
        expect(lapse(snapshot, nextMs, RULES)).not.toBe(snapshot)
      }),
    )
  })
})

describe('the order of what does not depend on each other', () => {
  /** All but what names a place in the journal. */
  function comparable({ state }: RecoverySnapshot) {
    const partners = [...state.partners.values()]
      .map(({ entry }) => entry)
      .toSorted((a, b) => (a.bpnl < b.bpnl ? -1 : 1))
    const transitions = (system: SystemState) => system.transitions.map(step => ({ ...step, sequence: 0 }))
    const byKey = SYSTEM_KEYS.map(key => ({ ...state.systems[key], transitions: transitions(state.systems[key]) }))
    return { ...state, head: null, updatedAt: null, partners, systems: byKey }
  }

  test('does not matter: each system, partner and site comes to the same', () => {
    const strand = (saying: fc.Arbitrary<Saying>) => fc.array(saying, { maxLength: 4 })
    const strands = fc.tuple(
      ...SYSTEM_KEYS.map(key => strand(about(key))),
      strand(
        fc.constantFrom('REGISTER', 'CHANGE', 'DISABLE', 'ENABLE').map(
          (action): Saying =>
            hours =>
              grant(action, 1, {}, { hours }),
        ),
      ),
      strand(fc.constant<Saying>(hours => grant('REGISTER', 2, {}, { hours }))),
      strand(fc.constant<Saying>(hours => siteRestart(1, {}, { hours }))),
      strand(fc.constant<Saying>(hours => siteRestart(2, { shop: 'PAINT' }, { hours }))),
    )
    fc.assert(
      fc.property(strands, fc.array(fc.nat(6), { maxLength: 40 }), (sayings, picks) => {
        // All at one time: what is recorded when would be a dependence of its own.
        const statements = sayings.map(strand => strand.map(saying => saying(34)))
        const oneByOne = statements.flat()
        const queues = statements.map(strand => [...strand])
        const shuffled = [...picks, ...queues.flatMap((queue, index) => queue.map(() => index))].flatMap(
          index => queues[index]?.shift() ?? [],
        )
        const opened = [...roadTo('OPEN', PARTS)]
        const results = [oneByOne, shuffled].map(order => fold(emptySnapshot(), recorded([...opened, ...order]), RULES))
        const [one, other] = results.map(comparable)
        expect(shuffled).toHaveLength(oneByOne.length)
        expect(other).toEqual(one)
      }),
    )
  })
})
