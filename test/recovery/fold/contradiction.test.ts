import { describe, expect, test } from '@jest/globals'
import { contradictionOf } from '../../../src/recovery/fold/contradiction.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  automaticClosing,
  backlogMeasure,
  bpnl,
  bpns,
  emptySnapshot,
  FINANCE,
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
  siteRestart,
  transition,
} from './statements.ts'

const ours = attestation({ lifetimeHours: 48 })
const known = { isKnownSite: (site: string) => site === bpns(1) }
const stories = {
  nothing: [],
  open: [...roadTo('OPEN'), grant('REGISTER', 1), backlogMeasure({ measured_at: at(30) }), restartUpdate('first')],
  disabled: [grant('REGISTER', 1), grant('DISABLE', 1)],
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
    ['a partner registered twice', 'open', grant('REGISTER', 1), `${bpnl(1)} is registered already; use CHANGE`],
    ['a change of nobody', 'open', grant('CHANGE', 2), `${bpnl(2)} is not registered; use REGISTER`],
    ['disabling nobody', 'open', grant('DISABLE', 2), `${bpnl(2)} is not registered; use REGISTER`],
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
    ['a change that lets a disabled partner back in', 'disabled', grant('CHANGE', 1)],
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
