import { describe, expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { isServed } from '../../../src/recovery/lifecycle/served.ts'
import type { RecoverySnapshot } from '../../../src/recovery/recovery.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestations,
  automaticClosing,
  BACKUP,
  backlogMeasure,
  bpnl,
  bpns,
  DISRUPTED_AT,
  emptySnapshot,
  FINANCE,
  grant,
  incidentFact,
  indicatorReport,
  LEAD,
  msAt,
  PARTS,
  plannedReopening,
  RULES,
  recorded,
  restartUpdate,
  roadStep,
  roadTo,
  SCHEDULE,
  sha256,
  siteRestart,
  transition,
} from './statements.ts'

const folded = (...statements: readonly Statement[]) => fold(emptySnapshot(), recorded(statements), RULES)
const parts = ({ state }: RecoverySnapshot) => state.systems[PARTS]

describe('the fold of the journal', () => {
  test('of nothing: everything is isolated, nobody is a partner', () => {
    const { state, epochs } = emptySnapshot()
    expect(Object.values(state.systems).map(({ lifecycle }) => lifecycle)).toEqual(['ISOLATED', 'ISOLATED', 'ISOLATED'])
    expect(state.partners.size).toBe(0)
    expect(Object.values(epochs)).toEqual(['empty.0', 'empty.0', 'empty.0'])
    expect(fold(emptySnapshot(), [], RULES)).toEqual(emptySnapshot())
  })

  test('leads a system the whole road up, each step as its statement says', () => {
    const { state } = folded(...roadTo('NORMAL_OPERATION'))
    const system = state.systems[PARTS]
    expect(system).toMatchObject({
      lifecycle: 'NORMAL_OPERATION',
      since: at(33),
      disruptedAt: DISRUPTED_AT,
      priority: 1,
      objectives: { recoveryTimeObjective: 'P14D' },
      containment: { evidence: sha256('containment').sha256 },
      restoration: {
        backup: { id: 'B-0818', digest: BACKUP.digest.sha256 },
        environment: 'segment-r2',
        completedAt: at(3),
        manifest: sha256('manifest').sha256,
        recoveryPoint: BACKUP.taken_at,
      },
      waves: [],
      gap: { from: BACKUP.taken_at, until: at(3) },
      contact: 'help desk',
      workaround: 'Order by telephone.',
      suspension: null,
    })
    expect(system.transitions.map(({ to }) => to)).toEqual([
      'ISOLATED',
      'CLEARED_FOR_RESTORE',
      'RESTORING',
      'QUARANTINED',
      'VERIFIED',
      'LIMITED_OPEN',
      'OPEN',
      'NORMAL_OPERATION',
    ])
    expect(system.transitions.at(-1)).toMatchObject({ sequence: 11, recordedAt: at(33), signedBy: LEAD })
    expect(system.attestations).toHaveLength(2)
  })

  test('serves the waves that LIMITED_OPEN names, then other ones, then all', () => {
    const limited = folded(...roadTo('LIMITED_OPEN'))
    expect([1, 2, null].map(wave => isServed(parts(limited), wave))).toEqual([true, false, false])
    const wider = folded(
      ...roadTo('LIMITED_OPEN'),
      transition('LIMITED_OPEN', 'LIMITED_OPEN', { waves: [2] }, { hours: 8 }),
    )
    expect([1, 2, null].map(wave => isServed(parts(wider), wave))).toEqual([false, true, false])
    expect(isServed(parts(folded(...roadTo('OPEN'))), null)).toBe(true)
  })

  test('dates a step as its statement says, and keeps when the gateway took it in', () => {
    const [step] = parts(folded(transition('ISOLATED', 'ISOLATED', { occurred_at: at(-30) }, { hours: 1 }))).transitions
    expect(step).toMatchObject({ at: at(-30), recordedAt: at(1) })
  })

  test('forgets restore and attestations where a system is cut off, and attestations where it is restored anew', () => {
    const cut = parts(
      folded(...roadTo('OPEN'), transition('OPEN', 'ISOLATED', { disrupted_at: at(34) }, { hours: 35 })),
    )
    expect(cut).toMatchObject({
      restoration: null,
      containment: null,
      attestations: [],
      disruptedAt: at(34),
      priority: 1,
    })
    const anew = parts(folded(...roadTo('VERIFIED'), { ...roadStep('RESTORING'), issuedAt: at(8) }))
    expect(anew).toMatchObject({ lifecycle: 'RESTORING', attestations: [], restoration: { completedAt: null } })
  })

  test('suspends by order of a person, recorded by that very statement', () => {
    const ordered = transition('OPEN', 'SUSPENDED', { distrust_since: at(30), reason: 'Doubt.' }, { hours: 34 })
    expect(parts(folded(...roadTo('OPEN'), ordered))).toMatchObject({
      lifecycle: 'SUSPENDED',
      since: at(34),
      suspension: {
        cause: 'ORDERED',
        reason: 'Doubt.',
        at: at(34),
        from: 'OPEN',
        distrustSince: at(30),
        recorded: true,
      },
      distrusted: [{ since: at(30), until: null }],
    })
  })

  test('knows that an automatic closing stands in the journal once its entry is there', () => {
    const report = indicatorReport({ distrust_since: at(39) }, { hours: 40 })
    const closing = automaticClosing(
      { cause: 'INDICATOR_REPORTED', reason: 'Reported.', closed_at: at(40) },
      { hours: 41 },
    )
    const after = parts(folded(...roadTo('OPEN'), report, closing))
    expect(after.suspension).toEqual({
      cause: 'INDICATOR_REPORTED',
      reason: 'Reported.',
      at: at(40),
      from: 'OPEN',
      distrustSince: at(39),
      lastKnownGood: false,
      recorded: true,
    })
  })

  test('closes for an automatic closing of which it has seen no cause itself', () => {
    const after = parts(folded(...roadTo('OPEN'), automaticClosing({ closed_at: at(40) }, { hours: 41 })))
    expect(after).toMatchObject({
      lifecycle: 'SUSPENDED',
      since: at(40),
      suspension: { cause: 'FEED_SILENT', recorded: true },
    })
  })

  test('still waits for the entry of a graver cause where the entry of a lesser one came in between', () => {
    const report = indicatorReport({}, { hours: 40 })
    const after = parts(folded(...roadTo('OPEN'), report, automaticClosing({ closed_at: at(39) }, { hours: 41 })))
    expect(after.suspension).toMatchObject({ cause: 'INDICATOR_REPORTED', recorded: false })
  })

  test('never takes an entry twice, and never one too early', () => {
    const entries = recorded(roadTo('OPEN'))
    const once = fold(emptySnapshot(), entries, RULES)
    expect(fold(once, entries, RULES)).toBe(once)
    expect(() => fold(emptySnapshot(), entries.slice(1), RULES)).toThrow(
      'entry 2 of the journal was given after entry 0',
    )
  })

  test('gives what nobody can change', () => {
    const { state } = folded(...roadTo('OPEN'), grant('REGISTER'))
    expect(Object.isFrozen(state.systems[PARTS].restoration?.backup)).toBe(true)
    expect(Object.isFrozen(state.partners.get(bpnl(1))?.entry.clients)).toBe(true)
  })

  test('takes tens of thousands of entries in one go', () => {
    const grants = Array.from({ length: 6_000 }, (_, number) => grant('REGISTER', number))
    const measures = Array.from({ length: 14_000 }, (_, hour) =>
      backlogMeasure({ open: hour }, { hours: 40 + hour / 100 }),
    )
    const { state } = folded(
      ...roadTo('OPEN').slice(0, -1),
      ...grants.map(one => ({ ...one, issuedAt: at(30) })),
      ...measures,
    )
    expect(state.partners.size).toBe(6_000)
    expect(state.systems[PARTS].backlog[0]?.open).toBe(13_999)
  })
})

describe('epochs', () => {
  const entries = roadTo('OPEN')
  const epochAfter = (...more: readonly Statement[]) => folded(...entries, ...more).epochs[PARTS]
  const journal = (recorded(entries)[0]?.hash ?? '').slice(0, 16)

  test('name the journal and the entry since which the same is served', () => {
    expect(folded(...entries).epochs).toEqual({ [PARTS]: `${journal}.10`, [FINANCE]: 'empty.0', [SCHEDULE]: 'empty.0' })
  })

  test.each([
    ['a step', transition('OPEN', 'SUSPENDED', {}, { hours: 40 })],
    ['a closing', automaticClosing({}, { hours: 40 })],
    ['an indicator', indicatorReport({}, { hours: 40 })],
    [
      'an intrusion that makes the backup dirty',
      incidentFact({ revision: 2, earliest_intrusion_at: at(-2_000) }, { hours: 40 }),
    ],
    [
      'another time of reconciliation',
      restartUpdate('x', { systems: { [PARTS]: { reconciled_through: at(4) } } }, { hours: 40 }),
    ],
  ])('begin anew with %s', (_, statement) => {
    expect(epochAfter(statement)).toBe(`${journal}.11`)
  })

  test.each([
    ['attestations', attestations({ hours: 40 })],
    ['a backlog', [backlogMeasure({}, { hours: 40 })]],
    ['news', [restartUpdate('x', { systems: { [PARTS]: { workaround: 'Wait.' } } }, { hours: 40 })]],
    [
      'a later intrusion',
      [incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-26T00:00:00.000Z' }, { hours: 40 })],
    ],
    ['a partner', [grant('REGISTER', 1, {}, { hours: 40 })]],
    ['another system', [indicatorReport({}, { system: FINANCE, hours: 40 })]],
  ])('stay with %s', (_, statements) => {
    expect(epochAfter(...statements)).toBe(`${journal}.10`)
  })

  test('stay as evidence lapses, and begin anew with the entry that records it', () => {
    const silent = folded(...entries, restartUpdate('x', {}, { hours: 60 }))
    expect(parts(silent).lifecycle).toBe('SUSPENDED')
    expect(silent.epochs[PARTS]).toBe(`${journal}.10`)
    const closing = automaticClosing({ cause: 'ATTESTATION_EXPIRED', closed_at: at(53) }, { hours: 61 })
    expect(epochAfter(restartUpdate('x', {}, { hours: 60 }), closing)).toBe(`${journal}.12`)
  })
})

describe('partners', () => {
  const partner = (...statements: readonly Statement[]) => folded(...statements).state.partners.get(bpnl(1))

  test('are registered, changed and disabled, each time with a new epoch', () => {
    const registered = partner(grant('REGISTER'))
    expect(registered?.entry).toMatchObject({
      bpnl: bpnl(1),
      name: 'Partner 1',
      clients: ['client-1'],
      tokenBinding: 'NONE',
      disabled: false,
    })
    const changed = partner(grant('REGISTER'), grant('CHANGE', 1, { name: 'Another' }))
    expect(changed?.entry.name).toBe('Another')
    expect(partner(grant('REGISTER', 1, { token_binding: 'DPOP' }))?.entry).toMatchObject({ tokenBinding: 'DPOP' })
    const disabled = partner(grant('REGISTER'), grant('CHANGE', 1, { name: 'Another' }), grant('DISABLE'))
    expect(disabled?.entry).toMatchObject({ name: 'Another', disabled: true })
    expect(new Set([registered, changed, disabled].map(one => one?.epoch)).size).toBe(3)
  })

  test('keep to bound tokens through a change that says nothing of them, and end it only by name', () => {
    const bindingAfter = (...grants: readonly Statement[]) => partner(...grants)?.entry.tokenBinding
    const unsaid = grant('CHANGE', 1, { name: 'Another', token_binding: undefined })
    for (const token_binding of ['DPOP', 'MUTUAL_TLS'] as const)
      expect(bindingAfter(grant('REGISTER', 1, { token_binding }), unsaid)).toBe(token_binding)
    const bound = grant('REGISTER', 1, { token_binding: 'DPOP' })
    expect(bindingAfter(bound, grant('DISABLE'), unsaid, grant('ENABLE'))).toBe('DPOP')
    expect(bindingAfter(bound, unsaid, grant('CHANGE', 1, { token_binding: 'NONE' }), unsaid)).toBe('NONE')
    expect(bindingAfter(grant('REGISTER'), unsaid)).toBe('NONE')
  })

  test('stay disabled whatever else is granted to them, until they are enabled', () => {
    const disabled = [grant('REGISTER'), grant('DISABLE')]
    const changed = partner(...disabled, grant('CHANGE', 1, { name: 'Another' }, { hours: 1 }))
    expect(changed).toMatchObject({ entry: { name: 'Another', disabled: true }, grantedAt: at(1) })
    const enabled = partner(...disabled, grant('CHANGE', 1, { name: 'Another' }), grant('ENABLE', 1, {}, { hours: 2 }))
    expect(enabled).toMatchObject({ entry: { name: 'Another', disabled: false }, grantedAt: at(2) })
  })

  test('keep their epochs while others are granted, and the registry is the same object while none is', () => {
    const before = folded(grant('REGISTER', 1))
    const after = fold(before, recorded([grant('REGISTER', 2)], 1), RULES)
    expect(after.state.partners.get(bpnl(1))).toBe(before.state.partners.get(bpnl(1)))
    expect(before.state.partners.size).toBe(1)
    expect(fold(after, recorded([siteRestart(1)], 2), RULES).state.partners).toBe(after.state.partners)
  })
})

describe('what partners read', () => {
  test('news stand newest first, and change what they name and nothing else', () => {
    const first = restartUpdate(
      'first',
      { headline: 'One.', phase: 'RESILIENCE_AND_RECOVERY', next_update_by: at(20) },
      { hours: 1 },
    )
    const systems = { [PARTS]: { known_limitations: ['Slow.'], workaround: null, next_update_by: at(9) } }
    const second = restartUpdate('second', { systems }, { hours: 2 })
    const { state } = folded(...roadTo('LIMITED_OPEN'), second, first)
    expect(state.updates.map(({ id }) => id)).toEqual(['second', 'first'])
    expect(state).toMatchObject({ headline: 'One.', phase: 'RESILIENCE_AND_RECOVERY', nextUpdateBy: at(20) })
    expect(state.systems[PARTS]).toMatchObject({
      knownLimitations: ['Slow.'],
      workaround: null,
      nextUpdateBy: at(9),
      contact: 'help desk',
    })
  })

  test('nothing is public until an update says so, and each says all of what is from then on', () => {
    const before = folded(...roadTo('LIMITED_OPEN'), restartUpdate('plain', {}, { hours: 1 })).state
    expect([before.publicFacets, before.updates.map(({ isPublic }) => isPublic)]).toEqual([[], [false]])
    const facetsAfter = (...updates: readonly Statement[]) => folded(...updates).state.publicFacets
    const some = restartUpdate('some', { public_facets: ['RESTART', 'SYSTEMS'] }, { hours: 1 })
    expect(facetsAfter(some)).toEqual(['RESTART', 'SYSTEMS'])
    expect(facetsAfter(some, restartUpdate('news', { public: true }, { hours: 2 }))).toEqual(['RESTART', 'SYSTEMS'])
    expect(facetsAfter(some, restartUpdate('less', { public_facets: ['SITES'] }, { hours: 2 }))).toEqual(['SITES'])
    expect(facetsAfter(some, restartUpdate('none', { public_facets: [] }, { hours: 2 }))).toEqual([])
  })

  test('an update is public where it says so, and keeps the phase that it was published in', () => {
    const { updates } = folded(
      restartUpdate('first', {}, { hours: 1 }),
      restartUpdate('second', { public: true, phase: 'FORENSICS_AND_RESTORATION' }, { hours: 2 }),
      restartUpdate('third', { public: false, phase: 'RESILIENCE_AND_RECOVERY' }, { hours: 3 }),
    ).state
    expect(updates.map(({ id, isPublic, phase }) => [id, isPublic, phase])).toEqual([
      ['third', false, 'RESILIENCE_AND_RECOVERY'],
      ['second', true, 'FORENSICS_AND_RESTORATION'],
      ['first', false, 'CONTAINMENT_AND_ERADICATION'],
    ])
  })

  test('a planned reopening and a site are replaced by what is said of them later', () => {
    const { state } = folded(
      plannedReopening('parts'),
      plannedReopening('soon', { scheduled_for: at(10) }),
      plannedReopening('parts', { status: 'COMPLETED' }, { hours: 1 }),
      siteRestart(2),
      siteRestart(1, { shop: 'PAINT' }),
      siteRestart(1),
      siteRestart(1, { shop: 'PAINT', status: 'RESTARTED' }, { hours: 1 }),
    )
    expect(state.plannedReopenings.map(({ id, status }) => [id, status])).toEqual([
      ['soon', 'SCHEDULED'],
      ['parts', 'COMPLETED'],
    ])
    expect(state.sites.map(({ bpns: site, shop, status }) => [site, shop, status])).toEqual([
      [bpns(1), null, 'PREPARING'],
      [bpns(1), 'PAINT', 'RESTARTED'],
      [bpns(2), null, 'PREPARING'],
    ])
  })

  test('a backlog shows its latest measurement, and keeps the last thirty', () => {
    const measures = Array.from({ length: 40 }, (_, hour) => backlogMeasure({ open: 100 - hour }, { hours: hour }))
    const late = backlogMeasure({ open: 7, measured_at: at(20.5) }, { hours: 41 })
    const [measure] = parts(folded(...measures, late)).backlog
    expect(measure).toMatchObject({ name: 'Orders', measuredAt: at(39), open: 61 })
    expect(measure?.history).toHaveLength(30)
    expect(measure?.history.map(({ measuredAt }) => measuredAt)).toContain(at(20.5))
    expect(measure?.history.at(-1)).toEqual({ measuredAt: at(39), open: 61 })
  })

  test('is as of the last entry that partners can see', () => {
    const { state } = folded(...roadTo('OPEN'), ...attestations({ hours: 40 }), grant('REGISTER', 1, {}, { hours: 41 }))
    expect(state.updatedAt).toBe(at(32))
    expect(state.head).toMatchObject({ sequence: 13, recordedAt: at(41) })
    expect(Date.parse(folded(siteRestart(1, {}, { hours: 50 })).state.updatedAt)).toBe(msAt(50))
  })
})
