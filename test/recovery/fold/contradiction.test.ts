import { describe, expect, test } from '@jest/globals'
import { contradictionOf } from '../../../src/recovery/fold/contradiction.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import type { Known } from '../../../src/recovery/fold/known.ts'
import { withdrawnKeyProblem } from '../../../src/recovery/fold/withdrawn-key.ts'
import type { Signatory } from '../../../src/recovery/statements/signatory.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  automaticClosing,
  BACKUP,
  backlogMeasure,
  bpnl,
  bpns,
  emptySnapshot,
  FINANCE,
  failedAt,
  grant,
  incidentFact,
  indicatorReport,
  OWNER,
  PARTS,
  plannedReopening,
  RULES,
  recorded,
  restartUpdate,
  revocation,
  roadStep,
  roadTo,
  SCHEDULE,
  SECURITY,
  siteRestart,
  transition,
} from './statements.ts'

const LIMITED: Signatory = { ...SECURITY, keyId: 'limited'.padEnd(43, '-') }
const ours = attestation({ lifetimeHours: 48 })
const known: Known = {
  isKnownSite: site => site === bpns(1),
  columnsOf: (_, relation) => (relation === 'part' ? ['quantity', 'openQuantity'] : relation === 'site' ? [] : null),
  systemsOf: keyId => (keyId === LIMITED.keyId ? [FINANCE, SCHEDULE] : null),
}
const stories = {
  nothing: [],
  open: [...roadTo('OPEN'), grant('REGISTER', 1), backlogMeasure({ measured_at: at(30) }), restartUpdate('first')],
  disabled: [grant('REGISTER', 1), grant('DISABLE', 1)],
  ordered: [...roadTo('OPEN'), transition('OPEN', 'SUSPENDED', {}, { hours: 33.0005 })],
  told: [
    grant('REGISTER', 1, {}, { hours: 5 }),
    grant('CHANGE', 1, {}, { hours: 6 }),
    plannedReopening('x', {}, { hours: 6 }),
    siteRestart(1, { shop: 'PAINT' }, { hours: 6 }),
    restartUpdate('first', {}, { hours: 6 }),
  ],
  barred: [grant('REGISTER', 1, {}, { hours: 5 }), grant('DISABLE', 1, {}, { hours: 6 })],
  suspended: [...roadTo('OPEN'), indicatorReport({}, { hours: 33 })],
  closed: [...roadTo('OPEN'), automaticClosing({ closed_at: at(33) }, { hours: 33 })],
  revoked: [
    ...roadTo('OPEN'),
    revocation(`urn:statement:${ours.id}`, { hours: 33 }),
    revocation(`urn:key:${OWNER.keyId}`, { hours: 33 }),
  ],
} satisfies Record<string, readonly Statement[]>
type Told = keyof typeof stories

function contradiction(told: Told, statement: Statement): string | null {
  return contradictionOf(statement, fold(emptySnapshot(), recorded(stories[told]), RULES).state, known)
}

describe('a statement that does not follow from the state is refused', () => {
  test.each<[string, Told, Statement, string]>([
    [
      'a step from where the system is not',
      'open',
      roadStep('VERIFIED'),
      'Parts logistics is OPEN, not QUARANTINED; look at it again and sign anew',
    ],
    ['a step that is none', 'open', transition('OPEN', 'LIMITED_OPEN'), 'there is no step from OPEN to LIMITED_OPEN'],
    [
      'a step of a system that has just lapsed',
      'suspended',
      roadStep('NORMAL_OPERATION'),
      'Parts logistics is SUSPENDED, not OPEN; look at it again and sign anew',
    ],
    ['a fact with a revision left out', 'open', incidentFact({ revision: 3 }), 'the next revision is 2, not 3'],
    ['a fact with the revision that is there', 'open', incidentFact({ revision: 1 }), 'the next revision is 2, not 1'],
    ['a first fact that is not the first', 'nothing', incidentFact({ revision: 2 }), 'the next revision is 1, not 2'],
    [
      'a fact about another incident',
      'open',
      incidentFact({ sub: 'urn:incident:INC-9', revision: 2 }),
      'the incident is INC-2025-0901, not INC-9',
    ],
    [
      'an attestation before anything is known',
      'nothing',
      attestation(),
      'no intrusion is established yet; the forensics lead has to sign an incident-fact first',
    ],
    [
      'an attestation for another revision',
      'open',
      attestation({ revision: 2 }),
      'it is for revision 2 of the intrusion; revision 1 is current',
    ],
    [
      'an attestation for another intrusion',
      'open',
      attestation({ earliestAt: at(-1_000) }),
      `revision 1 has the earliest intrusion at 2025-08-25T00:00:00.000Z, not at ${at(-1_000)}`,
    ],
    [
      'an attestation of what was not restored',
      'open',
      attestation({ system: FINANCE }),
      'no restore of Wholesale finance is finished, so there is nothing to attest yet',
    ],
    [
      'an attestation of another environment, however bad its news',
      'open',
      attestation({ environment: 'segment-r9', checks: [failedAt('INDICATORS_OF_COMPROMISE_CHECK', 4)] }),
      'it is not about what was restored in Parts logistics: restore.environment is segment-r9, restored was segment-r2',
    ],
    [
      'an attestation of another backup, and of a restore of another time',
      'open',
      attestation({ backup: { ...BACKUP, taken_at: at(-900) }, completedAt: at(2) }),
      `it is not about what was restored in Parts logistics: backup.taken_at is ${at(-900)}, restored was ${BACKUP.taken_at}; restore.completed_at is ${at(2)}, restored was ${at(3)}`,
    ],
    ['a partner registered twice', 'open', grant('REGISTER', 1), `${bpnl(1)} is registered already; use CHANGE`],
    ['a change of nobody', 'open', grant('CHANGE', 2), `${bpnl(2)} is not registered; use REGISTER`],
    ['disabling nobody', 'open', grant('DISABLE', 2), `${bpnl(2)} is not registered; use REGISTER`],
    ['enabling nobody', 'open', grant('ENABLE', 2), `${bpnl(2)} is not registered; use REGISTER`],
    ['enabling who is not disabled', 'open', grant('ENABLE', 1), `${bpnl(1)} is not disabled`],
    [
      'a change that was held back while the partner was disabled',
      'barred',
      grant('CHANGE', 1, {}, { hours: 5.9 }),
      `it was signed before the last grant of ${bpnl(1)} was recorded at ${at(6)}: sign a new one`,
    ],
    [
      'enabling by a statement that was held back',
      'barred',
      grant('ENABLE', 1, {}, { hours: 5.9 }),
      `it was signed before the last grant of ${bpnl(1)} was recorded at ${at(6)}: sign a new one`,
    ],
    [
      'a change that was signed before the last one',
      'told',
      grant('CHANGE', 1, {}, { hours: 5.9 }),
      `it was signed before the last grant of ${bpnl(1)} was recorded at ${at(6)}: sign a new one`,
    ],
    [
      'a reopening that was signed before the one it replaces',
      'told',
      plannedReopening('x', { status: 'WITHDRAWN' }, { hours: 5.9 }),
      `it was signed before what it replaces was recorded at ${at(6)}: sign a new one`,
    ],
    [
      'news of a site that were signed before those they replace',
      'told',
      siteRestart(1, { shop: 'PAINT' }, { hours: 5.9 }),
      `it was signed before what it replaces was recorded at ${at(6)}: sign a new one`,
    ],
    [
      'news that would take back what later news changed',
      'told',
      restartUpdate('second', { headline: 'Old.' }, { hours: 5.9 }),
      `it was signed before the update first was published at ${at(6)}, and would change what that says: sign a new one`,
    ],
    [
      'news that would take back what is public since',
      'told',
      restartUpdate('second', { public_facets: [] }, { hours: 5.9 }),
      `it was signed before the update first was published at ${at(6)}, and would change what that says: sign a new one`,
    ],
    [
      'an opening that was signed before the system was suspended',
      'ordered',
      transition('SUSPENDED', 'LIMITED_OPEN', { waves: [1] }, { hours: 33 }),
      `it was signed before Parts logistics was suspended at ${at(33.0005)}: sign a new one`,
    ],
    [
      'a step that was signed before the one that led here',
      'open',
      transition('OPEN', 'NORMAL_OPERATION', {}, { hours: 31.9 }),
      `it was signed before the last step of Parts logistics, which is OPEN, was recorded at ${at(32)}: sign a new one`,
    ],
    [
      'totals of a relation that the system does not have',
      'open',
      attestation({ totals: { constructor: { rows: 1, sums: {}, tolerance: 0 } } }),
      'Parts logistics has no relation constructor that could be counted',
    ],
    [
      'totals of a column that cannot be summed',
      'open',
      attestation({ totals: { part: { rows: 1, sums: { quantity: '1', toString: '1' }, tolerance: 0 } } }),
      'part has no column toString that could be summed; it has quantity, openQuantity',
    ],
    [
      'totals where nothing can be summed',
      'open',
      attestation({ totals: { site: { rows: 1, sums: { area: '1' }, tolerance: 0 } } }),
      'site has no column area that could be summed; it has none',
    ],
    [
      'a revocation by a key that may not speak of the system',
      'open',
      revocation(`urn:statement:${ours.id}`, { by: LIMITED }),
      `the attestation ${ours.id} is about PARTS_LOGISTICS; the key of Sam Security may speak of WHOLESALE_FINANCE, PRODUCTION_SCHEDULE`,
    ],
    ['disabling twice', 'disabled', grant('DISABLE', 1), `${bpnl(1)} is disabled already`],
    [
      'a client of another partner',
      'open',
      grant('REGISTER', 2, { clients: ['client-2', 'client-1'] }),
      `the client client-1 acts for ${bpnl(1)} already`,
    ],
    [
      'a client of a disabled partner',
      'disabled',
      grant('REGISTER', 2, { clients: ['client-1'] }),
      `the client client-1 acts for ${bpnl(1)} already`,
    ],
    [
      'a partner of an unknown site',
      'open',
      grant('REGISTER', 2, { sites: [bpns(1), bpns(2)] }),
      `the directory of sites does not have ${bpns(2)}`,
    ],
    [
      'a reopening of an unknown site',
      'open',
      plannedReopening('x', { system: undefined, site: bpns(2) }),
      `the directory of sites does not have ${bpns(2)}`,
    ],
    ['an unknown site', 'open', siteRestart(2), `the directory of sites does not have ${bpns(2)}`],
    [
      'news under a name that is taken',
      'open',
      restartUpdate('first', { title: 'Other' }),
      'the update first is published already; give the new one another name',
    ],
    [
      'a second measurement of one time',
      'open',
      backlogMeasure({ measured_at: at(30), open: 1 }),
      `Orders has a measurement of ${at(30)} already`,
    ],
    [
      'a revocation of nothing',
      'open',
      revocation('urn:statement:00000000-0000-4000-8000-000000000000'),
      'no attestation 00000000-0000-4000-8000-000000000000 counts for any system, so there is nothing to revoke',
    ],
    [
      'a revocation twice',
      'revoked',
      revocation(`urn:statement:${ours.id}`),
      `the attestation ${ours.id} is revoked already, since ${at(33)}`,
    ],
    [
      'a withdrawal twice',
      'revoked',
      revocation(`urn:key:${OWNER.keyId}`),
      `the key ${OWNER.keyId} is withdrawn already, since ${at(33)}`,
    ],
    [
      'a closing that is recorded',
      'closed',
      automaticClosing(),
      `Parts logistics is suspended already, since ${at(33)}`,
    ],
    [
      'a closing of what is not open',
      'nothing',
      automaticClosing(),
      'Parts logistics is ISOLATED: there is nothing to close',
    ],
  ])('%s', (_, told, statement, expected) => {
    expect(contradiction(told, statement)).toBe(expected)
  })
})

describe('a statement that follows from the state is not', () => {
  test.each<[string, Told, Statement]>([
    ['a step that is the next', 'open', roadStep('NORMAL_OPERATION')],
    ['cutting off, from anywhere', 'suspended', transition('SUSPENDED', 'ISOLATED')],
    ['the first fact', 'nothing', incidentFact()],
    ['the next fact', 'open', incidentFact({ revision: 2 })],
    ['an attestation of what was restored', 'open', attestation({ hours: 40 })],
    ['a new partner', 'open', grant('REGISTER', 2, { sites: [bpns(1)] })],
    ['a change that keeps a client', 'open', grant('CHANGE', 1, { name: 'Other' })],
    ['a change of a disabled partner', 'disabled', grant('CHANGE', 1)],
    ['enabling', 'disabled', grant('ENABLE', 1)],
    ['a grant that was signed in the second of the last', 'barred', grant('ENABLE', 1, {}, { hours: 6 })],
    ['disabling, however long ago it was signed', 'told', grant('DISABLE', 1, {}, { hours: 5.5 })],
    ['suspending, however long ago it was signed', 'open', transition('OPEN', 'SUSPENDED', {}, { hours: 20 })],
    ['cutting off, however long ago it was signed', 'ordered', transition('SUSPENDED', 'ISOLATED', {}, { hours: 20 })],
    [
      'a step that was signed in the second in which the system was suspended',
      'ordered',
      transition('SUSPENDED', 'QUARANTINED', {}, { hours: Math.floor(33.0005 * 3_600) / 3_600 }),
    ],
    ['older news that change nothing', 'told', restartUpdate('second', {}, { hours: 5.9 })],
    ['older news of another shop', 'told', siteRestart(1, { shop: 'BODY' }, { hours: 5.9 })],
    ['another reopening that was signed earlier', 'told', plannedReopening('y', {}, { hours: 5.9 })],
    ['disabling', 'open', grant('DISABLE', 1)],
    ['other news', 'open', restartUpdate('second')],
    ['a planned reopening of a system', 'open', plannedReopening('x', { system: PARTS })],
    ['a known site', 'open', siteRestart(1)],
    ['an earlier measurement', 'open', backlogMeasure({ measured_at: at(29) })],
    ['an indicator, whatever the system does', 'nothing', indicatorReport()],
    ['a revocation of an attestation', 'open', revocation(`urn:statement:${ours.id}`)],
    ['a withdrawal of a key', 'open', revocation(`urn:key:${OWNER.keyId}`)],
    ['a closing of what is open', 'open', automaticClosing()],
    ['a closing that is still to be recorded', 'suspended', automaticClosing({ cause: 'INDICATOR_REPORTED' })],
  ])('%s', (_, told, statement) => {
    expect(contradiction(told, statement)).toBeNull()
  })
})

describe('a key that was withdrawn by a statement', () => {
  const { state } = fold(emptySnapshot(), recorded(stories.revoked), RULES)

  test('signs nothing any more, not even what closes a system', () => {
    const since = `is withdrawn since ${at(33)}, by a revocation`
    expect(withdrawnKeyProblem(transition('OPEN', 'SUSPENDED', {}, { by: OWNER }), state)).toBe(
      `the key of Olive Owner (SYSTEM_OWNER) ${since}`,
    )
    expect(withdrawnKeyProblem(attestation({ hours: 40 }), state)).toContain(since)
  })

  test('is that one, and no other', () => {
    expect(withdrawnKeyProblem(revocation(`urn:key:${OWNER.keyId}`), state)).toBeNull()
  })
})
