import { describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS } from '../../../src/model/system.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import type { GuardOutcome } from '../../../src/recovery/lifecycle/guard-result.ts'
import { guardsOf, judge } from '../../../src/recovery/lifecycle/steps.ts'
import {
  at,
  attestation,
  attestations,
  BACKUP,
  BACKUPS,
  backlogMeasure,
  CHECKS,
  emptySnapshot,
  FINANCE,
  FORENSICS,
  failedAt,
  incidentFact,
  indicatorReport,
  LEAD,
  msAt,
  OWNER,
  PARTS,
  POLICY,
  passedAt,
  type RoadStep,
  RULES,
  recorded,
  revocation,
  roadStep,
  roadTo,
  SECURITY,
  sha256,
  transition,
} from '../fold/statements.ts'
import { judgeStory, SOUND, type Story } from './guard-context.ts'

const HOURS: Readonly<Record<string, number>> = { LIMITED_OPEN: 7, OPEN: 32, NORMAL_OPERATION: 33 }
const BEFORE: Readonly<Record<string, RoadStep>> = {
  CLEARED_FOR_RESTORE: 'ISOLATED',
  RESTORING: 'CLEARED_FOR_RESTORE',
  QUARANTINED: 'RESTORING',
  VERIFIED: 'QUARANTINED',
  LIMITED_OPEN: 'VERIFIED',
  OPEN: 'LIMITED_OPEN',
  NORMAL_OPERATION: 'OPEN',
}
const UP = Object.keys(BEFORE) as RoadStep[]

/** The step as it should be taken, but for what a case says. */
function soundStory(to: RoadStep, story: Partial<Story> = {}, facts: object = {}): Story {
  const system = story.system ?? PARTS
  const backlog = to === 'NORMAL_OPERATION' ? [backlogMeasure({}, { system, hours: 32 })] : []
  return {
    accepted: [...roadTo(BEFORE[to] ?? 'ISOLATED', system), ...backlog],
    asks: roadStep(to, system, facts),
    hours: HOURS[to] ?? 6,
    ...story,
  }
}

const quarantined = roadTo('RESTORING')
const restored = [...quarantined, roadStep('QUARANTINED')]
const limited = (to: RoadStep, ...more: Story['accepted']) =>
  soundStory(to, { accepted: [...roadTo('LIMITED_OPEN'), ...more] })

/** Each guard, with a story in which it does not pass; that it passes is shown by the sound stories. */
const UNMET: readonly (readonly [to: RoadStep, guard: string, outcome: GuardOutcome, reason: RegExp, story: Story])[] =
  [
    [
      'CLEARED_FOR_RESTORE',
      'CONTAINMENT_ATTESTED',
      'MISSING',
      /give `containment`/,
      soundStory('CLEARED_FOR_RESTORE', {}, { containment: undefined }),
    ],
    [
      'CLEARED_FOR_RESTORE',
      'INTRUSION_ESTABLISHED',
      'MISSING',
      /`incident-fact`/,
      soundStory('CLEARED_FOR_RESTORE', { accepted: [roadStep('ISOLATED')] }),
    ],
    [
      'CLEARED_FOR_RESTORE',
      'PRIORITY_SET',
      'MISSING',
      /give `priority`/,
      soundStory('CLEARED_FOR_RESTORE', {}, { priority: undefined }),
    ],
    [
      'CLEARED_FOR_RESTORE',
      'OBJECTIVES_SET',
      'MISSING',
      /give `objectives`/,
      soundStory('CLEARED_FOR_RESTORE', {}, { objectives: undefined }),
    ],

    [
      'RESTORING',
      'BACKUP_PREDATES_INTRUSION',
      'FAILED',
      /taken at 2025-08-24T02:00:00.000Z; .* 24 h must lie between: choose an earlier backup/,
      restoringFrom({ taken_at: '2025-08-24T02:00:00.000Z' }),
    ],
    [
      'RESTORING',
      'BACKUP_PREDATES_INTRUSION',
      'MISSING',
      /`incident-fact`/,
      soundStory('RESTORING', { accepted: [roadStep('ISOLATED')] }),
    ],
    [
      'RESTORING',
      'BACKUP_PREDATES_INTRUSION',
      'MISSING',
      /give `backup`/,
      soundStory('RESTORING', {}, { backup: undefined }),
    ],
    [
      'RESTORING',
      'BACKUP_INTEGRITY',
      'FAILED',
      /do not restore from it/,
      soundStory('RESTORING', {}, { catalogue: sha256('another') }),
    ],
    [
      'RESTORING',
      'BACKUP_INTEGRITY',
      'MISSING',
      /give `catalogue`/,
      soundStory('RESTORING', {}, { catalogue: undefined }),
    ],
    ['RESTORING', 'BACKUP_INTEGRITY', 'MISSING', /give `backup`/, soundStory('RESTORING', {}, { backup: undefined })],
    [
      'RESTORING',
      'BACKUP_MALWARE_SCAN',
      'FAILED',
      /found the backup SUSPICIOUS/,
      restoringFrom({ malware_status: 'SUSPICIOUS' }),
    ],
    [
      'RESTORING',
      'BACKUP_MALWARE_SCAN',
      'FAILED',
      /cannot have known/,
      restoringFrom({ scanned_at: '2025-09-18T00:00:00.000Z' }),
    ],
    [
      'RESTORING',
      'BACKUP_MALWARE_SCAN',
      'FAILED',
      /those of 2025-09-30T00:00:00.000Z are current: scan again/,
      soundStory('RESTORING', {
        accepted: [
          ...roadTo('CLEARED_FOR_RESTORE'),
          incidentFact({ revision: 2, indicators_dated_at: '2025-09-30T00:00:00.000Z' }, { hours: 1 }),
        ],
      }),
    ],
    [
      'RESTORING',
      'BACKUP_MALWARE_SCAN',
      'MISSING',
      /give `backup`/,
      soundStory('RESTORING', {}, { backup: undefined }),
    ],
    [
      'RESTORING',
      'ENVIRONMENT_NEWLY_BUILT',
      'FAILED',
      /segment-r1 is not newly built/,
      soundStory('RESTORING', {}, { environment: { id: 'segment-r1', newly_built: false } }),
    ],
    [
      'RESTORING',
      'ENVIRONMENT_NEWLY_BUILT',
      'MISSING',
      /give `environment`/,
      soundStory('RESTORING', {}, { environment: undefined }),
    ],

    [
      'QUARANTINED',
      'RESTORE_FINISHED',
      'MISSING',
      /give `restore.completed_at`/,
      soundStory('QUARANTINED', {}, { restore: undefined }),
    ],
    [
      'QUARANTINED',
      'MANIFEST_RECORDED',
      'MISSING',
      /`restore.manifest`/,
      soundStory('QUARANTINED', {}, { restore: undefined }),
    ],
    [
      'QUARANTINED',
      'NETWORK_CONFINED',
      'FAILED',
      /reaches mail-1,/,
      soundStory('QUARANTINED', {}, { reachable_hosts: ['scan-1', 'mail-1'] }),
    ],
    [
      'QUARANTINED',
      'NETWORK_CONFINED',
      'MISSING',
      /give `reachable_hosts`/,
      soundStory('QUARANTINED', {}, { reachable_hosts: undefined }),
    ],

    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by SYSTEM_OWNER, nor by FORENSICS_LEAD or SECURITY_OPERATIONS/,
      verifiedBy(),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by FORENSICS_LEAD or SECURITY_OPERATIONS for/,
      verifiedBy(attestation({ by: OWNER })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by SYSTEM_OWNER for/,
      verifiedBy(attestation({ by: FORENSICS }), attestation({ by: SECURITY })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by FORENSICS_LEAD or/,
      verifiedBy(attestation({ by: OWNER }), attestation({ by: BACKUPS })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /have one key/,
      verifiedBy(attestation({ by: OWNER }), attestation({ by: { ...FORENSICS, keyId: OWNER.keyId } })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /do not agree on the revision/,
      verifiedBy(attestation({ by: OWNER }), attestation({ by: FORENSICS, revision: 2 })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /backup or restore differ in .* of Flora Forensics/,
      verifiedBy(attestation({ by: OWNER }), attestation({ by: FORENSICS, manifest: 'another' })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /differ/,
      verifiedBy(...attestations({ backup: { ...BACKUP, digest: sha256('another') } })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /differ/,
      verifiedBy(...attestations({ backup: { ...BACKUP, taken_at: '2025-08-24T12:00:00.000Z' } })),
    ],
    ['VERIFIED', 'TWO_ATTESTATIONS', 'FAILED', /differ/, verifiedBy(...attestations({ environment: 'segment-r1' }))],
    ['VERIFIED', 'TWO_ATTESTATIONS', 'FAILED', /differ/, verifiedBy(...attestations({ completedAt: at(2) }))],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'FAILED',
      /are of one person/,
      verifiedBy(attestation({ by: OWNER }), attestation({ by: { ...FORENSICS, name: OWNER.name } })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by SYSTEM_OWNER, nor by FORENSICS_LEAD or/,
      verifiedBy(...attestations({ backup: { ...BACKUP, malware_status: 'SUSPICIOUS' } })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /No valid attestation/,
      verifiedBy(...attestations({ lifetimeHours: 1 })),
    ],
    [
      'VERIFIED',
      'TWO_ATTESTATIONS',
      'MISSING',
      /by SYSTEM_OWNER/,
      { ...soundStory('VERIFIED'), rules: { withdrawalOf: keyId => (keyId === OWNER.keyId ? at(5.5) : null) } },
    ],
    [
      'VERIFIED',
      'INTRUSION_REVISION_CURRENT',
      'FAILED',
      /for revision 1 of the intrusion; 2 is current/,
      soundStory('VERIFIED', { accepted: [...roadTo('QUARANTINED'), incidentFact({ revision: 2 }, { hours: 5 })] }),
    ],
    ['VERIFIED', 'INTRUSION_REVISION_CURRENT', 'MISSING', /No attestation holds/, verifiedBy()],
    ['VERIFIED', 'INTRUSION_REVISION_CURRENT', 'MISSING', /`incident-fact`/, soundStory('VERIFIED', { accepted: [] })],
    [
      'VERIFIED',
      'BACKUP_PREDATES_INTRUSION',
      'FAILED',
      /restore anew from an earlier backup/,
      soundStory('VERIFIED', {
        accepted: [
          ...roadTo('QUARANTINED'),
          incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-18T12:00:00.000Z' }, { hours: 5 }),
        ],
      }),
    ],
    [
      'VERIFIED',
      'BACKUP_PREDATES_INTRUSION',
      'MISSING',
      /Nothing has been restored/,
      soundStory('VERIFIED', { accepted: [] }),
    ],
    [
      'VERIFIED',
      'NO_CHECK_FAILED',
      'FAILED',
      /CREDENTIALS_ROTATED FAILED at .* by Olive Owner/,
      verifiedBy(...attestations(), attestation({ by: OWNER, checks: [failedAt('CREDENTIALS_ROTATED', 4)] })),
    ],
    ['VERIFIED', 'NO_CHECK_FAILED', 'MISSING', /No check is attested/, verifiedBy()],
    [
      'VERIFIED',
      'BACKUP_MALWARE_SCAN',
      'FAILED',
      /attested as INFECTED by Bo Backups in .*: restore anew from a clean one/,
      verifiedBy(...attestations(), attestation({ by: BACKUPS, backup: { ...BACKUP, malware_status: 'INFECTED' } })),
    ],
    ['VERIFIED', 'BACKUP_MALWARE_SCAN', 'MISSING', /No scan is attested/, verifiedBy()],
    [
      'VERIFIED',
      'INDICATORS_OF_COMPROMISE_CHECK',
      'FAILED',
      /was not after the restore/,
      verifiedBy(...attestations({ checks: [passedAt('INDICATORS_OF_COMPROMISE_CHECK', 3)] })),
    ],
    [
      'VERIFIED',
      'INDICATORS_OF_COMPROMISE_CHECK',
      'FAILED',
      /was not after the indicator .* \(CASE-7\): sweep again/,
      verifiedBy(...attestations(), indicatorReport({}, { hours: 5 })),
    ],
    [
      'VERIFIED',
      'INDICATORS_OF_COMPROMISE_CHECK',
      'MISSING',
      /No sweep/,
      verifiedBy(...attestations({ checks: CHECKS.slice(1) })),
    ],
    [
      'VERIFIED',
      'INDICATORS_OF_COMPROMISE_CHECK',
      'MISSING',
      /No sweep/,
      verifiedBy(...attestations({ checks: [failedAt('INDICATORS_OF_COMPROMISE_CHECK', 4)] })),
    ],
    [
      'VERIFIED',
      'ROOT_CAUSE_REMEDIATED',
      'MISSING',
      /the way in is closed/,
      verifiedBy(...attestations({ checks: CHECKS.slice(0, 1) })),
    ],
    [
      'VERIFIED',
      'CREDENTIALS_ROTATED',
      'FAILED',
      /the restore brought old ones back/,
      verifiedBy(...attestations({ checks: [passedAt('CREDENTIALS_ROTATED', 2)] })),
    ],
    [
      'VERIFIED',
      'CREDENTIALS_ROTATED',
      'MISSING',
      /rotate those of the restored system/,
      verifiedBy(...attestations({ checks: CHECKS.slice(0, 2) })),
    ],
    [
      'VERIFIED',
      'CONTROL_TOTALS',
      'FAILED',
      /part: rows is 1011, attested 1000/,
      observing('VERIFIED', { totals: { part: { rows: 1_011, sums: { quantity: '52000.5' } } } }),
    ],
    [
      'VERIFIED',
      'CONTROL_TOTALS',
      'FAILED',
      /part: sum of quantity could not be measured/,
      observing('VERIFIED', { totals: { part: { rows: 1_000, sums: {} } } }),
    ],
    ['VERIFIED', 'CONTROL_TOTALS', 'FAILED', /part could not be measured/, observing('VERIFIED', { totals: {} })],
    ['VERIFIED', 'CONTROL_TOTALS', 'MISSING', /give `totals`/, verifiedBy(...attestations({ totals: {} }))],
    ['VERIFIED', 'CONTROL_TOTALS', 'MISSING', /Not looked at yet/, soundStory('VERIFIED', { observation: null })],
    [
      'VERIFIED',
      'CONTROL_TOTALS',
      'MISSING',
      /could not look at the system at .*: it is off/,
      observing('VERIFIED', { failure: 'it is off' }),
    ],

    [
      'LIMITED_OPEN',
      'CAUSE_ALLOWS_REOPENING',
      'FAILED',
      /INDICATOR_REPORTED since .* go through QUARANTINED/,
      soundStory('LIMITED_OPEN', { accepted: [...roadTo('VERIFIED'), indicatorReport({}, { hours: 6 })] }),
    ],
    [
      'LIMITED_OPEN',
      'CAUSE_ALLOWS_REOPENING',
      'FAILED',
      /ORDERED/,
      soundStory('LIMITED_OPEN', {
        accepted: [...roadTo('VERIFIED'), transition('VERIFIED', 'SUSPENDED', { distrust_since: at(4) }, { hours: 6 })],
      }),
    ],
    ['LIMITED_OPEN', 'TWO_ATTESTATIONS', 'MISSING', /No valid/, soundStory('LIMITED_OPEN', { hours: 60 })],
    [
      'LIMITED_OPEN',
      'SEGMENTATION_IN_FORCE',
      'MISSING',
      /give `gateway_hosts`/,
      soundStory('LIMITED_OPEN', {}, { gateway_hosts: undefined }),
    ],
    ['LIMITED_OPEN', 'WAVES_NAMED', 'MISSING', /give `waves`/, soundStory('LIMITED_OPEN', {}, { waves: undefined })],
    ['LIMITED_OPEN', 'GAP_PUBLISHED', 'MISSING', /give `gap`/, soundStory('LIMITED_OPEN', {}, { gap: undefined })],
    [
      'LIMITED_OPEN',
      'CONTACT_PUBLISHED',
      'MISSING',
      /give `contact`/,
      soundStory('LIMITED_OPEN', {}, { contact: undefined }),
    ],
    [
      'LIMITED_OPEN',
      'WORKAROUND_PUBLISHED',
      'MISSING',
      /give `workaround`/,
      soundStory('LIMITED_OPEN', {}, { workaround: undefined }),
    ],
    [
      'LIMITED_OPEN',
      'READ_ONLY_PROVEN',
      'FAILED',
      /did not refuse a write/,
      observing('LIMITED_OPEN', { readOnlyProven: false }),
    ],

    [
      'OPEN',
      'LIMITED_OPEN_LONG_ENOUGH',
      'FAILED',
      /24 h are demanded: wait until 2025-10-02T07:00:00.000Z/,
      soundStory('OPEN', { hours: 30 }),
    ],
    [
      'OPEN',
      'LIMITED_OPEN_LONG_ENOUGH',
      'MISSING',
      /serve its first waves first/,
      soundStory('OPEN', { accepted: roadTo('VERIFIED') }),
    ],
    [
      'OPEN',
      'NO_INDICATOR_REPORTED',
      'MISSING',
      /first waves first/,
      limited('OPEN', indicatorReport({}, { hours: 8 })),
    ],
    [
      'OPEN',
      'ERROR_RATE_WITHIN_LIMIT',
      'FAILED',
      /6 of 100 reads failed .* 5 % may/,
      observing('OPEN', { reads: { answered: 94, failed: 6 } }),
    ],
    [
      'OPEN',
      'DATA_FRESH',
      'FAILED',
      /as of 2025-10-01T20:00:00.000Z; 6 h may pass/,
      observing('OPEN', { asOf: at(20) }),
    ],
    ['OPEN', 'DATA_FRESH', 'MISSING', /see to its feed/, observing('OPEN', { asOf: null })],
    ['OPEN', 'DATA_FRESH', 'FAILED', /lies ahead: see to the clocks/, observing('OPEN', { asOf: at(1_000) })],
    [
      'OPEN',
      'NORMAL_OPERATING_STATUS_CONFIRMED',
      'MISSING',
      /have the owner sign/,
      soundStory('OPEN', { asks: transition('LIMITED_OPEN', 'OPEN', {}, { by: LEAD }) }),
    ],
    [
      'OPEN',
      'NORMAL_OPERATING_STATUS_CONFIRMED',
      'MISSING',
      /have the owner sign/,
      {
        ...limited(
          'OPEN',
          attestation({ by: FORENSICS, hours: 31, checks: [passedAt('NORMAL_OPERATING_STATUS_CONFIRMED', 31)] }),
        ),
        asks: transition('LIMITED_OPEN', 'OPEN', {}, { by: LEAD }),
      },
    ],
    [
      'OPEN',
      'INVOICE_STATUSES_FORWARD',
      'FAILED',
      /went backwards/,
      soundStory('OPEN', { system: FINANCE }, { invoice_statuses_forward: false }),
    ],
    [
      'OPEN',
      'INVOICE_STATUSES_FORWARD',
      'MISSING',
      /give `invoice_statuses_forward`/,
      soundStory('OPEN', { system: FINANCE }, { invoice_statuses_forward: undefined }),
    ],

    [
      'NORMAL_OPERATION',
      'BACKLOG_WITHIN_LIMIT',
      'FAILED',
      /Orders: 101 open at .*; 100 may be/,
      soundStory('NORMAL_OPERATION', { accepted: [...roadTo('OPEN'), backlogMeasure({ open: 101 }, { hours: 32 })] }),
    ],
    [
      'NORMAL_OPERATION',
      'BACKLOG_WITHIN_LIMIT',
      'MISSING',
      /submit a `backlog-measure`/,
      soundStory('NORMAL_OPERATION', { accepted: roadTo('OPEN') }),
    ],
    [
      'NORMAL_OPERATION',
      'END_OF_RECOVERY_DECLARED',
      'MISSING',
      /give `end_of_recovery_declared_at`/,
      soundStory('NORMAL_OPERATION', {}, { end_of_recovery_declared_at: undefined }),
    ],
    [
      'NORMAL_OPERATION',
      'AFTER_ACTION_RECORD_ATTACHED',
      'MISSING',
      /give its digest/,
      soundStory('NORMAL_OPERATION', {}, { after_action_record: undefined }),
    ],
  ]

function restoringFrom(facts: object): Story {
  const chosen = { ...BACKUP, indicators_dated_at: '2025-09-19T00:00:00.000Z', ...facts }
  return soundStory('RESTORING', {}, { backup: chosen })
}

function verifiedBy(...attested: Story['accepted']): Story {
  return soundStory('VERIFIED', { accepted: [...restored, ...attested] })
}

function observing(to: RoadStep, observation: Partial<typeof SOUND>): Story {
  return soundStory(to, { observation: { ...SOUND, ...observation } })
}

describe('every guard', () => {
  test.each(UP)('of %s passes in a sound story, for every system', to => {
    for (const system of SYSTEM_KEYS) {
      const results = judgeStory(soundStory(to, { system }))
      expect(results.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
      expect(results.length).toBeGreaterThanOrEqual(3)
    }
  })

  test.each(UNMET)('%s · %s · %s: %s', (to, guard, outcome, reason, story) => {
    expect(judgeStory({ ...story, to }).find(result => result.guard === guard)).toMatchObject({
      outcome,
      reason: expect.stringMatching(reason),
    })
  })

  test('has a case in which it is not met', () => {
    const shared = [
      'TWO_ATTESTATIONS',
      'INTRUSION_REVISION_CURRENT',
      'BACKUP_PREDATES_INTRUSION',
      'BACKUP_MALWARE_SCAN',
      'NO_CHECK_FAILED',
      'CONTROL_TOTALS',
    ]
    const cases = new Set(UNMET.map(([to, guard]) => `${to} ${guard}`))
    const lacking = UP.flatMap(to =>
      guardsOf(to)
        .filter(({ name }) => !cases.has(`${to} ${name}`) && !(to !== 'RESTORING' && shared.includes(name)))
        .map(({ name }) => `${to} ${name}`),
    )
    expect(lacking).toEqual([])
    expect(shared.filter(name => !cases.has(`VERIFIED ${name}`))).toEqual([])
  })

  test('says what is missing where no transition asks, and all of it at once', () => {
    const results = judgeStory({ accepted: [], to: 'LIMITED_OPEN', hours: 1, observation: null })
    expect(results.map(({ guard }) => guard)).toEqual(guardsOf('LIMITED_OPEN').map(({ name }) => name))
    expect(results.filter(({ outcome }) => outcome === 'PASSED').map(({ guard }) => guard)).toEqual([
      'CAUSE_ALLOWS_REOPENING',
    ])
  })

  test('that looks at the system comes after all that do not', () => {
    for (const to of UP) {
      const observes = guardsOf(to).map(guard => guard.observes)
      expect(observes).toEqual(observes.toSorted())
    }
  })

  test('of one system alone is not asked for another', () => {
    const named = (system: Story['system'] & string) =>
      judgeStory(soundStory('OPEN', { system })).some(({ guard }) => guard === 'INVOICE_STATUSES_FORWARD')
    expect(SYSTEM_KEYS.filter(named)).toEqual([FINANCE])
  })
})

describe('the other ways to meet a guard', () => {
  const found = (guard: string, story: Story) => judgeStory(story).find(result => result.guard === guard)?.outcome

  test('security operations may attest in the place of the forensics lead', () => {
    const story = verifiedBy(attestation({ by: OWNER }), attestation({ by: SECURITY }))
    expect(found('TWO_ATTESTATIONS', story)).toBe('PASSED')
  })

  test('an attestation that is revoked no longer counts, and one signed anew does', () => {
    const bad = attestation({ by: FORENSICS, lifetimeHours: 7 })
    const revoked = [attestation({ by: OWNER }), bad, revocation(`urn:statement:${bad.id}`, { hours: 5 })]
    expect(found('TWO_ATTESTATIONS', verifiedBy(...revoked))).toBe('MISSING')
    const anew = attestation({ by: FORENSICS, hours: 5.5 })
    expect(found('TWO_ATTESTATIONS', verifiedBy(...revoked, anew))).toBe('PASSED')
  })

  test('who took back that a check failed, by a later attestation, is taken at that word', () => {
    const bad = attestation({ by: OWNER, checks: [failedAt('CREDENTIALS_ROTATED', 4)] })
    const anew = attestation({ by: OWNER, hours: 5.5 })
    const results = judgeStory(verifiedBy(...attestations(), bad, anew))
    expect(results.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
  })

  test('what an earlier step set need not be said again', () => {
    const again = transition('LIMITED_OPEN', 'LIMITED_OPEN', { waves: [1, 2], gateway_hosts: ['db-r2'] })
    const results = judgeStory(soundStory('LIMITED_OPEN', { accepted: roadTo('LIMITED_OPEN'), asks: again, hours: 8 }))
    expect(results.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
  })

  test('other waves do not begin the hours of LIMITED_OPEN anew, a suspension does', () => {
    const wider = transition('LIMITED_OPEN', 'LIMITED_OPEN', { waves: [1, 2] }, { hours: 30 })
    expect(found('LIMITED_OPEN_LONG_ENOUGH', limited('OPEN', wider))).toBe('PASSED')
    const back = [
      transition('LIMITED_OPEN', 'SUSPENDED', {}, { hours: 29 }),
      transition('SUSPENDED', 'LIMITED_OPEN', { waves: [1] }, { hours: 30 }),
    ]
    expect(found('LIMITED_OPEN_LONG_ENOUGH', limited('OPEN', ...back))).toBe('FAILED')
  })

  test('the hours of LIMITED_OPEN count by the clock of the gateway, not by what the statement says', () => {
    const early = roadStep('LIMITED_OPEN', PARTS, { occurred_at: at(-100) })
    expect(
      found('LIMITED_OPEN_LONG_ENOUGH', soundStory('OPEN', { accepted: [...roadTo('VERIFIED'), early], hours: 20 })),
    ).toBe('FAILED')
  })

  test('a suspended system goes back to QUARANTINED with the restore that it had', () => {
    const suspended = [...roadTo('OPEN'), indicatorReport({}, { hours: 33 })]
    const back = transition('SUSPENDED', 'QUARANTINED', { reachable_hosts: [], check_hosts: ['scan-1'] }, { hours: 34 })
    const results = judgeStory({ accepted: suspended, asks: back, hours: 34 })
    expect(results.map(({ outcome }) => outcome)).toEqual(['PASSED', 'PASSED', 'PASSED'])
  })

  test('a suspension whose cause leaves the data out of doubt allows LIMITED_OPEN again', () => {
    const ordered = transition('OPEN', 'SUSPENDED', {}, { hours: 33 })
    const back = transition('SUSPENDED', 'LIMITED_OPEN', { waves: [1], gateway_hosts: ['db-r2'] }, { hours: 34 })
    const results = judgeStory({ accepted: [...roadTo('OPEN'), ordered], asks: back, hours: 34 })
    expect(results.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
  })

  test.each([
    ['LIMITED_OPEN', 'SEGMENTATION_IN_FORCE', PARTS, { gateway_hosts: undefined }],
    ['OPEN', 'INVOICE_STATUSES_FORWARD', FINANCE, { invoice_statuses_forward: undefined }],
    ['NORMAL_OPERATION', 'END_OF_RECOVERY_DECLARED', PARTS, { end_of_recovery_declared_at: undefined }],
  ] as const)('%s · %s may be attested instead of claimed', (to, guard, system, facts) => {
    const kind = guard === 'INVOICE_STATUSES_FORWARD' ? 'DATA_RECONCILED' : guard
    const attested = attestation({ system, by: SECURITY, hours: HOURS[to] ?? 0, checks: [passedAt(kind, 6)] })
    const accepted = [...roadTo(BEFORE[to] ?? 'ISOLATED', system), attested]
    expect(found(guard, soundStory(to, { system, accepted }, facts))).toBe('PASSED')
  })

  test('a system owner confirms by an attestation as well as by signing', () => {
    const attested = attestation({ by: OWNER, hours: 31, checks: [passedAt('NORMAL_OPERATING_STATUS_CONFIRMED', 31)] })
    const story = { ...limited('OPEN', attested), asks: transition('LIMITED_OPEN', 'OPEN', {}, { by: LEAD }) }
    expect(found('NORMAL_OPERATING_STATUS_CONFIRMED', story)).toBe('PASSED')
  })

  test('an indicator is seen by the guard of OPEN, even in a system that was not suspended for it', () => {
    const { state } = fold(emptySnapshot(), recorded(roadTo('LIMITED_OPEN')), RULES)
    const system = { ...state.systems[PARTS], indicators: [{ reportedAt: at(8), reference: 'CASE-7' }] }
    const context = {
      state,
      system,
      transition: null,
      observation: null,
      policy: POLICY,
      nowMs: msAt(32),
      rules: RULES,
    }
    expect(judge(context, 'OPEN')).toContainEqual({
      guard: 'NO_INDICATOR_REPORTED',
      outcome: 'FAILED',
      reason: `An indicator of compromise was reported at ${at(8)} (CASE-7): suspend the system.`,
      code: 'RC.RP-05',
    })
  })
})
